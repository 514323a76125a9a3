import CLinux
import Glibc
import Synchronization

/// Resolves names with getaddrinfo, which may block for as long as the name's servers take. Each lookup runs on its own
/// thread and delays only requests for that name. Above a limit, names are queued; names that others may have chosen
/// have a separate limit and do not delay configured ones.
final class NameLookup: Sendable {
    static let shared = NameLookup()

    /// Receives the addresses, with port 0; empty if the name cannot be resolved.
    typealias Completion = @Sendable ([SocketAddress]) -> Void

    private struct Name: Hashable {
        let text: String
        /// True if the name may have been chosen by another party than the operator.
        let isForeign: Bool
    }
    private struct CachedAddresses {
        let addresses: [SocketAddress]
        let untilNanoseconds: UInt64
    }
    private struct State {
        /// The waiting callers of all names that are being resolved or are queued.
        var completions: [Name: [Completion]] = [:]
        var queue: [Name] = []
        var running: [Bool: Int] = [:]
        var cache: [Name: CachedAddresses] = [:]

        /// Returns true and counts the lookup if its limit allows another one.
        mutating func mayBegin(_ name: Name) -> Bool {
            let most = name.isForeign ? NameLookup.mostForeign : NameLookup.mostConfigured
            guard running[name.isForeign, default: 0] < most else { return false }
            running[name.isForeign, default: 0] += 1
            return true
        }
    }
    private let state = Mutex(State())

    private static let mostConfigured = 64
    private static let mostForeign = 16
    private static let mostCached = 256
    private static let cacheNanoseconds: UInt64 = 30_000_000_000

    /// - Parameter completion: called on any thread. It may not be called while the name is queued behind others, so
    ///   the caller must have its own time limit.
    func find(_ text: String, isForeign: Bool, _ completion: @escaping Completion) {
        let name = Name(text: text, isForeign: isForeign)
        enum Step {
            case complete([SocketAddress])
            case wait, begin
        }
        let step = state.withLock { state -> Step in
            if let cached = state.cache[name], cached.untilNanoseconds > monotonicNanoseconds() {
                return .complete(cached.addresses)
            }
            let isNew = state.completions[name] == nil
            state.completions[name, default: []].append(completion)
            guard isNew else { return .wait }
            if state.mayBegin(name) { return .begin }
            state.queue.append(name)
            return .wait
        }
        switch step {
        case .complete(let addresses): completion(addresses)
        case .wait: break
        case .begin: begin(name)
        }
    }

    private func begin(_ name: Name) {
        let thread = startThread { self.end(name, NameLookup.ask(name.text)) }
        guard let thread else { return end(name, []) }
        pthread_detach(thread)
    }

    private func end(_ name: Name, _ addresses: [SocketAddress]) {
        let (completions, next) = state.withLock { state -> ([Completion], Name?) in
            if !addresses.isEmpty {
                if state.cache.count >= Self.mostCached { state.cache = [:] }
                state.cache[name] = CachedAddresses(
                    addresses: addresses,
                    untilNanoseconds: monotonicNanoseconds() &+ Self.cacheNanoseconds)
            }
            state.running[name.isForeign, default: 1] -= 1
            let completions = state.completions.removeValue(forKey: name) ?? []
            guard let place = state.queue.firstIndex(where: { $0.isForeign == name.isForeign }),
                state.mayBegin(state.queue[place])
            else { return (completions, nil) }
            return (completions, state.queue.remove(at: place))
        }
        for completion in completions { completion(addresses) }
        if let next { begin(next) }
    }

    /// Blocks until the name is resolved; returns no address if it cannot be.
    static func ask(_ text: String) -> [SocketAddress] {
        var wanted = unsafe addrinfo()
        unsafe wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(text, nil, &wanted, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                let bytes = unsafe Array(
                    UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen)))
                if let found = SocketAddress(kernel: bytes) { addresses.append(found) }
            }
            unsafe next = unsafe entry.pointee.ai_next
        }
        return addresses
    }
}
