/// Runs blocking disk work away from the caller's event loop.
func offLoop(_ work: @escaping @Sendable () throws(KeyFailure) -> Void) async throws(KeyFailure) {
    let failure = await Task.detached { () -> KeyFailure? in
        do throws(KeyFailure) { try work() } catch { return error }
        return nil
    }.value
    if let failure { throw failure }
}
