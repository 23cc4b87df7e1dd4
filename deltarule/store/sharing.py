"""The same bytes lie in the blobs once, whoever brings them; they go when the last dataset that has them goes.

The digest is the identity, and its row the lock: who brings bytes and who lets go of them wait for each other there.
"""

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from deltarule.store.rows import changed, insertion
from deltarule.store.tables import BlobRow, DatasetRow


def shared_key(session: Session, key: str, sha256: str, size: int) -> str:
    """The key under which these bytes lie: `key`, or that of the same bytes which came before.

    They stay until the transaction ends, so that a dataset may be given them. A key that is not the answer is its
    caller's to delete after the commit.
    """
    brought = insertion(session, BlobRow).values(key=key, sha256=sha256, bytes=size)
    # An update that changes nothing, because only an updated row is answered, and held.
    statement = brought.on_conflict_do_update(index_elements=["sha256"], set_={"bytes": brought.excluded.bytes})
    found: str = session.execute(statement.returning(BlobRow.key)).scalar_one()
    return found


def let_go(session: Session, key: str) -> bool:
    """Forget these bytes unless a dataset still has them, and tell whether they are to be deleted after the commit."""
    # Held first, so that a dataset which is just being given them is seen below.
    session.execute(select(BlobRow.key).where(BlobRow.key == key).with_for_update())
    unused = ~exists().where(DatasetRow.blob_key == key)
    return changed(session, delete(BlobRow).where(BlobRow.key == key, unused)) > 0
