package import InterlockJSON

/// The functions of the store by which a node keeps its membership, its tasks and the chain (docs/specs/cluster.md,
/// section 3).
///
/// A result is committed. A call that fails permits nothing and may be repeated with the same arguments; it ends within
/// the deadline of the store, and is not cancelled.
package protocol ControlStore: Sendable {
    /// Begins an incarnation.
    ///
    /// - Parameters:
    ///   - process: an id that no other process of this node has, and another one after each expulsion.
    ///   - beat: a number not below those that the process may have sent.
    ///   - least: one more than each incarnation that the node knows of itself.
    func start(
        process: ExactText, beat: Int64, least: Incarnation
    ) async throws(ClusterCallFailure) -> Incarnation

    func heartbeat(
        _ heartbeat: StoreHeartbeat
    ) async throws(ClusterCallFailure) -> HeartbeatAnswer

    /// Returns entries after this number, in order and not verified: as many as fit, none if there are none.
    func entries(after known: Int64) async throws(ClusterCallFailure) -> [StoredEntry]

    /// Appends an entry that has no function of its own, and returns its number; that of the entry which is there if the
    /// same bytes were appended before.
    func append(
        _ draft: EntryDraft, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Int64

    /// Puts back an entry that the store has lost.
    ///
    /// - Returns: false if it is there already.
    func repair(
        _ entry: StoredEntry, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool

    /// Ends an incarnation that was silent, as the holder of the task `watch` in this term.
    ///
    /// - Returns: false if the node has sent a heartbeat, or was expelled, meanwhile.
    func expel(
        _ silent: SilentNodeDetector.Silent, term: Int64, _ draft: EntryDraft,
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool

    /// Takes a task over from a holder whose row did not change.
    ///
    /// - Returns: the row of this node, or nil if another node was first.
    func take(
        _ task: ClusterTask, after row: TaskRow?, beat: Int64, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> TaskRow?

    /// - Returns: false if another node has the task.
    func keep(
        _ task: ClusterTask, term: Int64, beat: Int64, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool

    /// Says that this node has put back its leases and runs in this generation.
    func finishRestoring(in incarnation: Incarnation) async throws(ClusterCallFailure)

    /// - Returns: false if not all heads were compared yet.
    func openGeneration(in incarnation: Incarnation) async throws(ClusterCallFailure) -> Bool
}
