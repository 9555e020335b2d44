import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { madeImage } from '../../../test/fixtures/images.ts';
import { publish } from '../../../test/fixtures/registry.ts';
import { basicOf } from '../../../test/fixtures/registry-conformance-hub.ts';
import { codeOf, image, peopledHub } from '../../../test/fixtures/registry-conformance-people.ts';

const at = peopledHub();
const { as } = at;

suite('tags that are not to be moved', () => {
  const other = madeImage({ layers: [{ b: 'two' }] });
  const put = (tag: string, { manifest, mediaType } = image) =>
    as(
      { name: 'alice' },
      {
        method: 'PUT',
        path: `/v2/alice/fixed/manifests/${tag}`,
        headers: { 'content-type': mediaType },
        body: manifest,
      },
    );
  test('stay what they are; others move', async () => {
    await publish(`http://${at.hub.host}`, 'alice/fixed', 'latest', other, {
      authorization: basicOf('alice'),
    });
    assert.equal((await put('v1')).status, 201, 'the same again');
    assert.equal(codeOf(await put('v1', other)), 'DENIED');
    assert.equal((await put('v2', other)).status, 201, 'a new one');
    assert.equal((await put('latest')).status, 201);
    for (const reference of ['v1', image.digest]) {
      const reply = await as(
        { name: 'alice' },
        { method: 'DELETE', path: `/v2/alice/fixed/manifests/${reference}` },
      );
      assert.equal(codeOf(reply), 'DENIED', reference);
    }
    const tag = await as({ name: 'alice' }, { method: 'DELETE', path: '/v2/alice/fixed/manifests/latest' });
    assert.equal(tag.status, 202);
  });
});
