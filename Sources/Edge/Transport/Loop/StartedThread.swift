import CLinux

/// The work of a thread that is being started.
private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Starts a thread that runs `body` and ends with it.
///
/// - Returns: nil if no thread can be created; `body` is then released without having run.
@safe func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var thread = pthread_t()
    let work = unsafe Unmanaged.passRetained(ThreadWork(body))
    let status = unsafe pthread_create(
        &thread, nil,
        { context in
            guard let context = unsafe context else { return nil }
            unsafe Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
    guard status == 0 else {
        unsafe work.release()
        return nil
    }
    return thread
}
