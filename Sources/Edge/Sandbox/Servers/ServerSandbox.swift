import CLinux
import Glibc
import InterlockModel
import InterlockPorts

/// The sandbox of one server's child: the launcher outside, which ends after everything inside.
final class ServerSandbox: ChildSandbox {
    let id: RunID
    private let agent: LaunchedAgent
    private let hasProxy: Bool

    init(_ id: RunID, _ agent: LaunchedAgent, hasProxy: Bool) {
        self.id = id
        self.agent = agent
        self.hasProxy = hasProxy
    }

    var handover: Int32? { hasProxy ? agent.handover : nil }

    func kill() { agent.kill() }

    func terminate() {
        // The first message has the pidfd of pid 1, and nothing has read it if there is no proxy.
        if !hasProxy, isReadable(agent.handover) { _ = try? agent.receive() }
        agent.terminate()
    }

    func takeListeners() throws(LaunchFailure) -> ProxyListeners? {
        switch try agent.receive() {
        case .firstProcess: return nil
        case .listeners(let http, let socks): return ProxyListeners(http: http, socks: socks)
        case .ended: throw LaunchFailure(reason: "the launcher handed over no network")
        }
    }

    func ending() -> String? {
        var reader = LaunchStatusReader()
        var found: [LaunchStatus] = []
        // The launcher has ended, so everything that it wrote is there.
        while isReadable(agent.status) {
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = unsafe read(agent.status, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            found += reader.read(bytes[..<count])
        }
        guard !reader.isBroken else { return nil }
        return found.compactMap(Self.sentence).last
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&polled, 1, 0) > 0
    }

    private static func sentence(_ status: LaunchStatus) -> String? {
        switch status {
        case .started, .checked, .peak: nil
        case .refused(let reason, let step, _): "no sandbox here: \(reason) (\(step))"
        case .failed(let step, let code):
            "its sandbox failed at `\(step)`" + (code == 0 ? "" : ": \(describe(errno: code))")
        case .notExecuted(ESTALE): "its command is not the file that was checked"
        case .notExecuted(ENOENT):
            "its command is not there in its sandbox, which shows what `read` lists"
        case .notExecuted(let code): "its command cannot be executed: \(describe(errno: code))"
        case .exited(let code): "it exited with status \(code)"
        case .signalled(let signal): "it was ended by signal \(signal)"
        case .wall: "it ran longer than its `wall`"
        case .lifeline: "it was killed with all it had started"
        }
    }
}
