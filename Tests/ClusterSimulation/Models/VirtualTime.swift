import InterlockModel

/// The true time of a simulation, in microseconds since its start. No node can read it.
package struct VirtualTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static let start = VirtualTime(microseconds: 0)

    package static func < (a: VirtualTime, b: VirtualTime) -> Bool {
        a.microseconds < b.microseconds
    }
    package static func + (a: VirtualTime, b: Duration) -> VirtualTime {
        VirtualTime(microseconds: a.microseconds + b.microseconds)
    }
    package static func - (a: VirtualTime, b: VirtualTime) -> Duration {
        .microseconds(a.microseconds - b.microseconds)
    }

    /// Seconds with three digits after the point, such as `12.034 s`.
    package var description: String {
        let milliseconds = microseconds / 1000
        let rest = String(milliseconds % 1000)
        let zeros = String(repeating: "0", count: max(0, 3 - rest.count))
        return "\(milliseconds / 1000).\(zeros)\(rest) s"
    }
}
