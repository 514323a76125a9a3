import InterlockPorts
import Synchronization

/// The memory that the bodies of one listener may take together, from their heads until their requests are handled. A
/// body above the rest is refused instead of being read.
///
/// An eighth is for small bodies alone, so that large ones that are sent slowly keep no ordinary request out.
final class BodyBudget: Sendable {
    /// The most bytes of a small body.
    static let smallBytes = 64 << 10
    private let limit: Int
    private let taken = Atomic<Int>(0)

    /// The answer if there is no room.
    static let refusal = HTTPResponse(
        status: 503,
        headers: [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")],
        body: Array("too many bodies wait\n".utf8))

    init(limit: Int) { self.limit = limit }

    /// Takes room for a body; returns false if there is none. Every `take` that succeeds needs its `give`.
    func take(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        let most = bytes <= Self.smallBytes ? limit : limit - limit / 8
        guard taken.wrappingAdd(bytes, ordering: .relaxed).newValue <= most else {
            give(bytes)
            return false
        }
        return true
    }

    func give(_ bytes: Int) {
        if bytes > 0 { taken.wrappingSubtract(bytes, ordering: .relaxed) }
    }
}

extension RequestFraming.Body {
    /// The room that a body needs: its length, or the limit if the length is not announced; none for a body that is
    /// refused for its length.
    func room(limit: Int) -> Int {
        switch self {
        case .none: 0
        case .length(let length): length > limit ? 0 : length
        case .chunked: limit
        }
    }
}
