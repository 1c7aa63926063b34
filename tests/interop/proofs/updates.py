# SPDX-License-Identifier: Apache-2.0
"""What a witness checks before it cosigns: section 5."""
from . import require
from .log import Frontier, leaf_hash
from .notes import read_note
from .records import parse_leaf
from .umap import NOTHING, MapChange, check_changes


class Follower:
    """Follows one log from its first leaf; holds what a witness remembers."""

    def __init__(self, policy):
        self._policy = policy
        self.epoch, self.frontier, self.map_root = 1, Frontier(), NOTHING

    def update(self, checkpoint, leaves):
        """leaves: [(leaf, [change])], all since the last update. Nothing moves when it is refused."""
        note = read_note(checkpoint)
        self._policy.check_logged(note)
        frontier, map_root = Frontier(), self.map_root
        if note.epoch == self.epoch:
            require(note.size >= self.frontier.size, 'update: the log shrank')
            frontier.size, frontier.subtrees = self.frontier.size, list(self.frontier.subtrees)
        else:
            require(note.epoch > self.epoch, 'update: back to an older epoch')
            require(leaves, 'update: a new epoch begins with a RECOVERY')
            self._check_recovery(parse_leaf(leaves[0][0]))
        for data, changes in leaves:
            map_root = self._leaf(note.epoch, frontier, map_root, data, changes)
        require(frontier.size == note.size, 'update: leaves do not fill the size')
        require(frontier.root() == note.root, 'update: leaves do not give the root')
        require(map_root == note.map_root, 'update: changes do not give the map root')
        self.epoch, self.frontier, self.map_root = note.epoch, frontier, map_root

    @staticmethod
    def _leaf(epoch, frontier, map_root, data, changes):
        leaf = parse_leaf(data)
        first_of_later = epoch > 1 and frontier.size == 0
        require((leaf['event'] == 'RECOVERY') == first_of_later,
                'update: RECOVERY is the first leaf of an epoch after 1, and only that')
        changes = [MapChange(one) for one in changes]
        check_changes(leaf, changes)
        for change in changes:
            map_root = change.apply(map_root)
        frontier.append(leaf_hash(data))
        return map_root

    def _check_recovery(self, leaf):
        require(leaf['event'] == 'RECOVERY', 'update: a new epoch begins with a RECOVERY')
        said = leaf['said']
        require(said['old_epoch'] == self.epoch, 'recovery: of another epoch')
        require(said['kept_size'] == self.frontier.size and said['kept_root'] == self.frontier.root(),
                'recovery: the old epoch does not end with what is known')
        require(said['map_root'] == self.map_root, 'recovery: the map is not the one that is known')
