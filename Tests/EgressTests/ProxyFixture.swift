import CLinux
import Glibc
import InterlockEgress
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization

@testable import InterlockTransport

/// Records what the proxy asks, and decides by rules.
final class FakeAuthorizer: EgressAuthorizer {
    private let holder: EgressPolicyHolder
    private let written = Mutex<[String]>([])
    /// The answer to `connecting`.
    let obstacle = Mutex<EgressReason?>(nil)

    /// The whole requests of plain HTTP.
    let requests = Mutex<[SentRequest]>([])

    /// The record of the last answer of a model.
    let answer = Mutex<ModelAnswer?>(nil)

    init(_ rules: EgressRules?) { holder = EgressPolicyHolder(EgressPolicy(rules)) }

    var policy: EgressPolicyHolder { holder }
    var events: [String] { written.withLock { $0 } }
    private func note(_ event: String) { written.withLock { $0.append(event) } }

    func decide(_ attempt: EgressAttempt) async -> EgressDecision {
        do throws(EgressRefusal) {
            return .allow(
                try holder.current.decide(attempt.target, attempt.access, model: attempt.model))
        } catch {
            return .deny(error)
        }
    }

    /// Leaves the check of the address to the proxy.
    func open(_ attempt: EgressAttempt) async -> EgressDecision {
        let decision = await decide(attempt)
        guard case .allow(let rule) = decision else { return decision }
        note("open \(attempt.target) by \(rule.text)")
        return obstacle.withLock { $0 }.map { .deny(EgressRefusal($0, "an obstacle")) } ?? decision
    }

    func resolved(_ lookup: EgressLookup) {
        note("resolved \(lookup.answers.map { "\($0)" }.joined(separator: ","))")
    }

    func connecting(_ connection: EgressConnection) async -> EgressReason? {
        var known = ""
        switch connection.content {
        case .unread: break
        case .prompt(let prompt): known = " with \(prompt.model?.text ?? "-") \(prompt.size)"
        case .request(let sent): requests.withLock { $0.append(sent) }
        }
        note("connecting \(connection.attempt.target) by \(connection.rule.text)\(known)")
        return obstacle.withLock { $0 }
    }

    func refused(_ attempt: EgressAttempt?, _ refusal: EgressRefusal) async {
        note("refused \(refusal.reason.rawValue)")
    }

    func closed(_ connection: EgressConnection, _ outcome: EgressOutcome) async {
        answer.withLock { $0 = outcome.answer }
        note("closed \(outcome.end) \(outcome.bytesUp) \(outcome.bytesDown)")
    }
}

/// Answers the n-th look-up of any name with the n-th list, and then with the last one.
final class FakeResolver: EgressResolver {
    private let answers: [[String]]
    private let asked = Mutex<[String]>([])

    init(_ answers: [[String]]) { self.answers = answers }

    var names: [String] { asked.withLock { $0 } }

    func resolve(_ host: EgressHost) async throws(EgressRefusal) -> EgressAnswers {
        let count = asked.withLock { names in
            names.append("\(host)")
            return names.count
        }
        let texts = answers[min(count, answers.count) - 1]
        return EgressAnswers(
            addresses: texts.compactMap { text in
                text.contains(":")
                    ? IPAddress(ipv6: text.utf8) : IPAddress(dottedQuad: text.utf8)
            })
    }
}

/// A proxy on two loopback ports, with a server in place of every public address.
final class ProxyFixture: Sendable {
    let loops: LoopGroup
    let proxy: EgressProxy
    let models: ModelRoute?
    let authorizer: FakeAuthorizer
    let resolver: FakeResolver
    let server: ServerFixture
    let httpPort: UInt16
    let socksPort: UInt16
    /// The addresses that were dialled.
    let dialled: DialledAddresses

    init(
        _ rules: [EgressRule], answers: [[String]] = [["93.184.215.14"]],
        server: ServerFixture = ServerFixture(), models providers: [ModelProvider] = [],
        _ edit: (inout EgressProxyParts) -> Void = { _ in }
    ) throws {
        authorizer = FakeAuthorizer(try EgressRules(rules, models: providers.map(\.upstream)))
        resolver = FakeResolver(answers)
        self.server = server
        dialled = DialledAddresses()
        let run = RunID(milliseconds: 0, random: [UInt8](repeating: 0, count: 10))
        var parts = EgressProxyParts(run: run, authorizer: authorizer, resolver: resolver)
        parts.dialled = { [dialled, port = server.port] address, asked in
            dialled.note("\(address) \(asked)")
            return (IPAddress(dottedQuad: "127.0.0.1".utf8) ?? address, port)
        }
        parts.limits.linger = .milliseconds(20)
        edit(&parts)
        let http = LoopbackSocket.listening()
        let socks = LoopbackSocket.listening()
        httpPort = http.port
        socksPort = socks.port
        loops = LoopGroup(count: 1)
        models = providers.isEmpty ? nil : ModelRoute(providers, parts, loops: loops)
        if let models { parts.routes = models }
        proxy = EgressProxy(
            http: http.descriptor, socks: socks.descriptor, parts, loops: loops)
    }

    /// Stops the proxy and returns the events that the authorizer got.
    func finish() async -> [String] {
        await proxy.waitUntilIdle()
        await models?.waitUntilIdle()
        return await stop()
    }

    func stop() async -> [String] {
        await models?.stop()
        await proxy.stop()
        await proxy.waitUntilIdle()
        await models?.waitUntilIdle()
        loops.stop()
        server.stop()
        return authorizer.events
    }
}

final class DialledAddresses: Sendable {
    private let all = Mutex<[String]>([])
    var texts: [String] { all.withLock { $0 } }
    func note(_ text: String) { all.withLock { $0.append(text) } }
}

/// A TCP server on loopback that answers each connection in one way and keeps what it received.
final class ServerFixture: Sendable {
    enum Conduct: Sendable {
        /// Sends back what it receives.
        case echo
        /// Sends this once an empty line came, then closes.
        case respond(String)
        /// Sends nothing.
        case silent
    }
    let port: UInt16
    private let descriptor: Int32
    private let all = Mutex<[[UInt8]]>([])

    init(_ conduct: Conduct = .echo) {
        (descriptor, port) = LoopbackSocket.listening()
        DetachedThread.run { self.acceptAll(conduct) }
    }

    /// The received text of each connection.
    var received: [String] {
        all.withLock { $0.map { String(decoding: $0, as: UTF8.self) } }
    }
    var receivedBytes: [[UInt8]] { all.withLock { $0 } }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func acceptAll(_ conduct: Conduct) {
        while true {
            let client = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            guard client >= 0 else { break }
            let number = all.withLock { all in
                all.append([])
                return all.count - 1
            }
            DetachedThread.run { self.serve(client, number, conduct) }
        }
        close(descriptor)
    }

    private func serve(_ client: Int32, _ number: Int, _ conduct: Conduct) {
        defer { close(client) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(client, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { return }
            let held = all.withLock { all in
                all[number] += buffer[..<count]
                return all[number]
            }
            switch conduct {
            case .echo: LoopbackSocket.send(Array(buffer[..<count]), to: client)
            case .silent: continue
            case .respond(let text):
                guard String(decoding: held, as: UTF8.self).contains("\r\n\r\n") else { continue }
                LoopbackSocket.send(Array(text.utf8), to: client)
                shutdown(client, Int32(SHUT_WR))
            }
        }
    }
}

/// A client inside the run, with a bound on every wait.
final class ProxyClient {
    private let descriptor: Int32
    private(set) var received: [UInt8] = []

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe connect(descriptor, $0, size)
            }
        }
    }

    deinit { close(descriptor) }

    var text: String { String(decoding: received, as: UTF8.self) }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        LoopbackSocket.send(bytes, to: descriptor)
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Waits for more bytes; returns false at the end of the stream or after 5 s.
    private func receive() -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, 5_000) == 1 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }

    /// Reads until this many bytes were received in all, or the end.
    @discardableResult
    func read(count: Int) -> [UInt8] {
        while received.count < count, receive() {}
        return received
    }

    /// Reads until the text contains this, or the end.
    @discardableResult
    func read(until part: String) -> String {
        while !text.contains(part), receive() {}
        return text
    }

    func readAll() -> String {
        while receive() {}
        return text
    }
}
