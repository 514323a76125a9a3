/// Something with a descriptor that a loop watches. Used on the loop's thread alone, which is why its
/// subclasses may be handed around without a lock.
class EventSource: @unchecked Sendable {
    final let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// `events` are the `EPOLL*` bits that hold now. May be called without any reason; must not block.
    func ready(_ events: UInt32) {}
}
