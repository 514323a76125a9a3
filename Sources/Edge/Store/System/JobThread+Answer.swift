package import InterlockPorts

extension JobThread {
    /// Runs the job on the thread and returns its result.
    /// - Parameter busy: the reason of the failure if the queue is full or closed.
    package func answer<Value: Sendable>(
        busy: String, _ job: @escaping @Sendable () throws(StoreFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        try await answer(busy: StoreFailure(reason: busy), job)
    }

    /// Runs the job on the thread and returns its result.
    /// - Parameter busy: the failure if the queue is full or closed.
    package func answer<Value: Sendable, Failure: Error>(
        busy: Failure, _ job: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let accepted = submit {
                do throws(Failure) {
                    continuation.resume(returning: .success(try job()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !accepted { continuation.resume(returning: .failure(busy)) }
        }
        return try result.get()
    }
}
