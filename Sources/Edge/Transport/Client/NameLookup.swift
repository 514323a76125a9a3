import CLinux
import Glibc
import Synchronization

/// Looks names up as the system does (getaddrinfo), which takes as long as the servers of the name like: each on a
/// thread of its own, so that nothing waits for it but who wants that name.
final class NameLookup: Sendable {
    static let shared = NameLookup()

    typealias Found = @Sendable ([SocketAddress]) -> Void

    private struct Name: Hashable {
        let text: String
        let port: UInt16
    }
    private struct Kept {
        let addresses: [SocketAddress]
        let untilNanoseconds: UInt64
    }
    private struct State {
        var waiting: [Name: [Found]] = [:]
        var kept: [Name: Kept] = [:]
    }
    private let state = Mutex(State())

    /// Under way at once.
    private static let most = 32
    private static let mostKept = 256
    private static let keptNanoseconds: UInt64 = 30_000_000_000

    /// - Parameter found: is told on any thread, with none where there is no such name or too many are looked up.
    func find(_ text: String, port: UInt16, _ found: @escaping Found) {
        let name = Name(text: text, port: port)
        enum Step {
            case tell([SocketAddress])
            case wait, begin
        }
        let step = state.withLock { state -> Step in
            if let kept = state.kept[name], kept.untilNanoseconds > monotonicNanoseconds() {
                return .tell(kept.addresses)
            }
            if state.waiting[name] != nil {
                state.waiting[name]?.append(found)
                return .wait
            }
            guard state.waiting.count < Self.most else { return .tell([]) }
            state.waiting[name] = [found]
            return .begin
        }
        switch step {
        case .tell(let addresses): found(addresses)
        case .wait: break
        case .begin:
            if !begin(name) { end(name, []) }
        }
    }

    private func begin(_ name: Name) -> Bool {
        final class Job {
            let lookup: NameLookup
            let name: Name
            init(_ lookup: NameLookup, _ name: Name) {
                self.lookup = lookup
                self.name = name
            }
        }
        let job = unsafe Unmanaged.passRetained(Job(self, name))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let job = unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
                job.lookup.end(job.name, NameLookup.ask(job.name))
                return nil
            }, job.toOpaque())
        guard status == 0 else {
            unsafe job.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func end(_ name: Name, _ addresses: [SocketAddress]) {
        let waiting = state.withLock { state in
            if !addresses.isEmpty {
                if state.kept.count >= Self.mostKept { state.kept = [:] }
                state.kept[name] = Kept(
                    addresses: addresses,
                    untilNanoseconds: monotonicNanoseconds() &+ Self.keptNanoseconds)
            }
            return state.waiting.removeValue(forKey: name) ?? []
        }
        for found in waiting { found(addresses) }
    }

    private static func ask(_ name: Name) -> [SocketAddress] {
        var wanted = unsafe addrinfo()
        unsafe wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(name.text, "\(name.port)", &wanted, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                let bytes = unsafe Array(
                    UnsafeRawBufferPointer(
                        start: address, count: Int(entry.pointee.ai_addrlen)))
                if let found = SocketAddress(kernel: bytes) { addresses.append(found) }
            }
            unsafe next = unsafe entry.pointee.ai_next
        }
        return addresses
    }
}
