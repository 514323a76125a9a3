/// An object with a descriptor that a loop watches. Used only on the loop's thread, so its subclasses need no lock.
class EventSource: @unchecked Sendable {
    final let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Handles the `EPOLL*` bits that are set now. May be called spuriously; must not block.
    func ready(_ events: UInt32) {}
}
