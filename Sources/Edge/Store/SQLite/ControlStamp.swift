package import InterlockModel

/// The parts of an entry of the control log that the store adds: the node's name and the time; and what links it.
package struct ControlStamp: Sendable {
    package let node: String
    package let clock: any Clock
    package let hashing: any Hashing

    package init(node: String, clock: any Clock, hashing: any Hashing) {
        self.node = node
        self.clock = clock
        self.hashing = hashing
    }
}
