import { useState } from 'preact/hooks';
import type { RecoveryCodes, SecondFactorOffer, User } from '../../../api/index.ts';
import { confirmSecondFactor, dropSecondFactor, offerSecondFactor } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { Command } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/lists.tsx';
import { QrCode } from '../../parts/qr-code.tsx';
import { useSession } from '../../session.tsx';

/** A code from a phone, asked for beside the password. */
export function SecondFactor({ user }: { readonly user: User }) {
  const { refresh } = useSession();
  const [offer, setOffer] = useState<SecondFactorOffer>();
  const [codes, setCodes] = useState<RecoveryCodes>();
  const begin = useAction(async () => setOffer(await offerSecondFactor()));
  return (
    <Card
      title="Second factor"
      aside={
        <span class={`badge${user.hasSecondFactor ? ' badge-public' : ''}`}>
          {user.hasSecondFactor ? 'on' : 'off'}
        </span>
      }
    >
      {codes !== undefined && <Codes codes={codes.codes} onDone={() => setCodes(undefined)} />}
      {codes === undefined && offer !== undefined && (
        <Confirm
          offer={offer}
          onCancel={() => setOffer(undefined)}
          onDone={async (made) => {
            setCodes(made);
            setOffer(undefined);
            await refresh();
          }}
        />
      )}
      {codes === undefined && offer === undefined && user.hasSecondFactor && <TurnOff />}
      {codes === undefined && offer === undefined && !user.hasSecondFactor && (
        <div class="danger-row">
          <p>
            With it, your password alone signs nobody in. You need an app that shows codes (TOTP). Terminals
            then sign in with access tokens.
          </p>
          <Button look="primary" isBusy={begin.isBusy} onClick={() => void begin.run()}>
            Turn on
          </Button>
          {begin.failure !== undefined && <Notice tone="bad">{begin.failure.message}</Notice>}
        </div>
      )}
    </Card>
  );
}

function Confirm({
  offer,
  onDone,
  onCancel,
}: {
  readonly offer: SecondFactorOffer;
  readonly onDone: (codes: RecoveryCodes) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const confirm = useAction(async (code: string) => onDone(await confirmSecondFactor(code)));
  return (
    <div class="factor">
      <QrCode text={offer.uri} label="QR code for your app" />
      <div class="stack">
        <p>Read the picture with your app, or type this into it:</p>
        <Command label="Secret" text={offer.secret.replace(/(.{4})(?=.)/g, '$1 ')} />
        <Form
          failure={confirm.failure}
          fields={['code']}
          onSubmit={(values) => void confirm.run(values.text('code').replaceAll(' ', ''))}
          actions={
            <>
              <Button look="primary" type="submit" isBusy={confirm.isBusy}>
                Confirm
              </Button>
              <Button look="quiet" onClick={onCancel}>
                Cancel
              </Button>
            </>
          }
        >
          <Field
            name="code"
            label="Code that it shows"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            autoFocus
          />
        </Form>
      </div>
    </div>
  );
}

const Codes = ({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) => (
  <div class="stack">
    <Notice tone="good">
      <p>The second factor is on. Keep these codes where you find them without your phone.</p>
      <p>Each signs you in once. They are shown only now.</p>
    </Notice>
    <Command label="Recovery codes" text={codes.join('\n')} />
    <div class="actions">
      <Button look="primary" onClick={onDone}>
        I have kept them
      </Button>
    </div>
  </div>
);

function TurnOff() {
  const { refresh } = useSession();
  const [isOpen, setOpen] = useState(false);
  const drop = useAction(async (password: string) => {
    await dropSecondFactor(password);
    setOpen(false);
    await refresh();
  });
  return (
    <div class="danger-row">
      <p>Signing in asks for a code from your app beside the password.</p>
      <Button look="danger" onClick={() => setOpen(true)}>
        Turn off
      </Button>
      {isOpen && (
        <Dialog title="Turn off the second factor?" onClose={() => setOpen(false)}>
          <Form
            failure={drop.failure}
            fields={['password']}
            onSubmit={(values) => void drop.run(values.text('password'))}
            actions={
              <>
                <Button look="danger" type="submit" isBusy={drop.isBusy}>
                  Turn off
                </Button>
                <Button onClick={() => setOpen(false)}>Cancel</Button>
              </>
            }
          >
            <p>Your password alone signs in then. The recovery codes no longer work.</p>
            <Field
              name="password"
              label="Password"
              type="password"
              autoComplete="current-password"
              required
              autoFocus
            />
          </Form>
        </Dialog>
      )}
    </div>
  );
}
