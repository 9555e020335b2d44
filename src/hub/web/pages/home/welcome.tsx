import type { Session } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { ButtonLink } from '../../parts/button.tsx';
import { Command } from '../../parts/copy.tsx';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Card } from '../../parts/lists.tsx';
import { RepositoryList } from '../../parts/repository-list.tsx';
import { links } from '../../router/place.ts';
import { SearchBox } from '../search/search-box.tsx';
import { Crane } from './crane.tsx';

export function Welcome({ hub }: { readonly hub: Session['hub'] }) {
  const popular = useData(at.repositories({ sort: 'pulls', size: 6 }));
  return (
    <>
      <section class="hero">
        <div class="hero-text">
          <h1>Container images, kept and shared on {hub.name}</h1>
          <p>
            Push from any client. Share with everyone, with your team, or with nobody: what is private is not
            there for others.
          </p>
          <SearchBox isLarge />
          <div class="actions">
            <ButtonLink look="primary" href={links.signIn()}>
              Sign in
            </ButtonLink>
            {hub.signUp === 'open' && <ButtonLink href={links.signUp}>Make an account</ButtonLink>}
            {hub.signUp === 'invitation' && <ButtonLink href={links.signUp}>I have an invitation</ButtonLink>}
          </div>
        </div>
        <Crane />
      </section>
      <div class="columns">
        <Card title="Most pulled" aside={<a href={links.search()}>All repositories</a>}>
          <Shown of={popular} rows={4}>
            {(data) =>
              data.items.length === 0 ? (
                <Empty icon="box" title="Nothing public yet">
                  <p>The first public image that is pushed shows here.</p>
                </Empty>
              ) : (
                <RepositoryList items={data.items} />
              )
            }
          </Shown>
        </Card>
        <Card title="Start">
          <ol class="steps">
            <li>
              <p>Sign in from a terminal.</p>
              <Command label="Sign in command" text={`docker login ${hub.address}`} />
            </li>
            <li>
              <p>Name an image after this Hub, and push it.</p>
              <Command
                label="Push commands"
                text={`docker tag my-image ${hub.address}/your-name/my-image\ndocker push ${hub.address}/your-name/my-image`}
              />
            </li>
            <li>
              <p>Pull it anywhere.</p>
              <Command label="Pull command" text={`docker pull ${hub.address}/your-name/my-image`} />
            </li>
          </ol>
        </Card>
      </div>
    </>
  );
}
