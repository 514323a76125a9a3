import InterlockModel
import InterlockPorts
import Synchronization

/// Fetches a key set's bytes: bounded in size and time, no redirect, no credential, no proxy.
package typealias KeySetFetch = @Sendable (_ url: String) async -> Result<[UInt8], KeyFailure>

/// An event of an issuer's keys, for the program's log.
package enum IssuerEvent: Sendable {
    case keys(issuer: String, count: Int)
    case failed(issuer: String, reason: String)
}

/// The keys of one issuer: read from memory on the call path, fetched off it.
final class IssuerKeys: Sendable {
    let issuer: TrustedIssuer
    private let cache: Mutex<KeySetCache>
    private let fetch: KeySetFetch
    private let clock: any Clock
    private let changed: @Sendable () -> Void
    private let report: @Sendable (IssuerEvent) -> Void

    /// - Parameter changed: called after a change that may invalidate a token.
    init(
        _ issuer: TrustedIssuer, times: KeySetTimes, fetch: @escaping KeySetFetch,
        clock: any Clock, changed: @escaping @Sendable () -> Void,
        report: @escaping @Sendable (IssuerEvent) -> Void
    ) {
        self.issuer = issuer
        self.fetch = fetch
        self.clock = clock
        self.changed = changed
        self.report = report
        cache = Mutex(KeySetCache(times: times))
    }

    /// An unknown `kid` starts one fetch, at most one per `retry`; this token is refused meanwhile.
    func key(_ kid: String, _ algorithm: TokenAlgorithm) throws(IdentityFailure) -> VerificationKey
    {
        let now = clock.boot
        let (answer, mayLook) = cache.withLock { cache in
            let answer = cache.answer(kid, algorithm, at: now)
            if case .key = answer { return (answer, false) }
            return (answer, cache.beginAsked(at: now))
        }
        if mayLook { Task.detached { await self.look() } }
        switch answer {
        case .key(let key): return key
        case .unknown: throw .unknownKey
        case .noKeys: throw .noKeys
        }
    }

    /// Returns true if a key that verified a token is still valid.
    func stillHas(_ key: VerificationKey, _ kid: String) -> Bool {
        let now = clock.boot
        if case .key(let known) = cache.withLock({ $0.answer(kid, key.algorithm, at: now) }) {
            return known == key
        }
        return false
    }

    /// Fetches the keys if they are due.
    func lookIfDue() async {
        let now = clock.boot
        if cache.withLock({ $0.beginDue(at: now) }) { await look() }
    }

    private func look() async {
        var found: KeySet?
        var failure: String?
        switch await fetch(issuer.keysURL) {
        case .success(let bytes):
            do throws(KeyFailure) { found = try KeySet(parsing: bytes) } catch {
                failure = error.reason
            }
        case .failure(let error): failure = error.reason
        }
        let set = found
        let now = clock.boot
        if cache.withLock({ $0.end(set, at: now) }) { changed() }
        if let failure {
            report(.failed(issuer: issuer.issuer, reason: failure))
        } else if let set {
            report(.keys(issuer: issuer.issuer, count: set.count))
        }
    }
}
