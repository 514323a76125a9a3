import InterlockLimits
import InterlockPorts
import Synchronization

/// The memory that the bodies of one listener may take together, from their heads until their requests are handled. A
/// body above the rest is refused instead of being read.
///
/// An eighth is for small bodies alone, so that large ones that are sent slowly keep no ordinary request out. Where one
/// source has a limit of its own, its bodies are refused at that, and those of other sources are not.
///
/// INVARIANT: the bodies of one source together never take more than its limit. Kept by `BodyBudgetTests`,
/// `test_hook_outside.py`.
final class BodyBudget: Sendable {
    /// The most bytes of a small body.
    static let smallBytes = 64 << 10
    private let limit: Int
    /// The room of each source; nil if none has a limit of its own.
    private let ofSources: ShareLimiter<RequestSource>?
    private let taken = Atomic<Int>(0)

    /// The answer if there is no room.
    static let refusal = HTTPResponse(
        status: 503,
        headers: [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")],
        body: Array("too many bodies wait\n".utf8))

    init(limit: Int, limitOfSource: Int? = nil) {
        self.limit = limit
        ofSources = limitOfSource.map { ShareLimiter(most: $0) }
    }

    /// The number of sources that have room.
    var sources: Int { ofSources?.count ?? 0 }

    /// Takes room for a body; returns false if there is none. Every `take` that succeeds needs its `give`.
    func take(_ bytes: Int, of source: RequestSource) -> Bool {
        guard bytes > 0 else { return true }
        // The source's own limit comes first: what it refuses must not keep others out even for a moment.
        guard ofSources?.take(source, bytes) ?? true else { return false }
        let most = bytes <= Self.smallBytes ? limit : limit - limit / 8
        guard taken.wrappingAdd(bytes, ordering: .relaxed).newValue <= most else {
            give(bytes, of: source)
            return false
        }
        return true
    }

    func give(_ bytes: Int, of source: RequestSource) {
        guard bytes > 0 else { return }
        taken.wrappingSubtract(bytes, ordering: .relaxed)
        ofSources?.give(source, bytes)
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
