/// Runs statements at the store for callers that must not be blocked.
///
/// Each statement is a transaction of its own, and what is returned is committed. A failed one may be repeated with the
/// same values. May be called from any task; cancelling the task has no effect.
package protocol StoreCaller: Sendable {
    func run(
        _ statement: String, _ values: [StoreValue]
    ) async throws(StoreCallFailure) -> [[StoreColumn]]
}
