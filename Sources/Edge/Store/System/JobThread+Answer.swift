package import InterlockPorts

extension JobThread {
    /// Runs the job on the thread and returns its result.
    /// - Parameter busy: the reason of the failure if the queue is full or closed.
    package func answer<Value: Sendable>(
        busy: String, _ job: @escaping @Sendable () throws(StoreFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            let accepted = submit {
                do throws(StoreFailure) {
                    continuation.resume(returning: .success(try job()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !accepted { continuation.resume(returning: .failure(StoreFailure(reason: busy))) }
        }
        return try result.get()
    }
}
