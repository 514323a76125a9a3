import CLinux
import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// A canary behind `interlock stdio`, like a host that only speaks stdio: this program as a child process that reads
/// and writes lines.
final class RelayCanary: DrillCanary {
    let pointClass = "relay"
    private struct Child {
        let process: pid_t
        let input: Int32
    }
    private let url: String
    private let credential: CanaryCredential
    /// Is nil once the canary has stopped, and if no child starts.
    private let child = Mutex<Child?>(nil)
    private let waiting = Mutex<[Int64: CheckedContinuation<CanaryResponse, Never>]>([:])
    private static let patience = Duration.seconds(5)

    /// - Parameter url: the agent plane.
    init(url: String, _ credential: CanaryCredential) throws(Failure) {
        self.url = url
        self.credential = credential
        let first = try start()
        child.withLock { $0 = first }
    }

    /// Starts another child, because a child keeps its token.
    func beginRun() {
        stop()
        credential.renew()
        let next = try? start()
        child.withLock { $0 = next }
    }

    private func start() throws(Failure) -> Child {
        var (down, up): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard unsafe pipe2(&down, O_CLOEXEC) == 0, unsafe pipe2(&up, O_CLOEXEC) == 0,
            let program = File.realPath("/proc/self/exe")
        else { throw Failure(.internalError, "there are no pipes for the relay's canary") }
        let process = try Self.spawn(
            [program, "stdio", "--gateway", url], ["INTERLOCK_TOKEN=\(credential.bearer)"],
            down[0], up[1])
        close(down[0])
        close(up[1])
        let reader = Reader(descriptor: up[0]) { [weak self] in self?.take($0) }
        guard startThread({ reader.run() }) else {
            throw Failure(.internalError, "there is no thread for the relay")
        }
        return Child(process: process, input: down[1])
    }

    /// Kills the child and waits until it has ended. Calls under way are answered by nothing.
    func stop() {
        guard let child = child.withLock({ $0.take() }) else { return }
        close(child.input)
        _ = Glibc.kill(child.process, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(child.process, &status, 0) < 0, errno == EINTR {}
        let all = waiting.withLock { Array($0.keys) }
        for number in all { end(number, .other("the relay has ended")) }
    }

    func call(_ number: Int64) async -> CanaryResponse {
        let prefix = "io.modelcontextprotocol/"
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(number), "method": "tools/call",
            "params": [
                "name": .string(CanaryNames.server("http") + "__" + CountingServer.tool),
                "arguments": ["canary": .string(pointClass), "n": .integer(number)],
                "_meta": .object([
                    prefix + "protocolVersion": .string(ProtocolVersion.modern.rawValue),
                    prefix + "clientInfo": ["name": "canary", "version": "1"],
                    prefix + "clientCapabilities": [:],
                ]),
            ],
        ]
        let line = message.serialized() + [UInt8(ascii: "\n")]
        let timer = Task {
            try? await Task.sleep(for: Self.patience)
            end(number, .other("no answer"))
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            waiting.withLock { $0[number] = continuation }
            // A line fits into the pipe's buffer, so one write takes all of it.
            let isWritten = child.withLock { child in
                guard let child else { return false }
                return unsafe write(child.input, line, line.count) == line.count
            }
            if !isWritten { end(number, .other("the relay is gone")) }
        }
    }

    private func take(_ line: String) {
        guard let value = try? JSONValue(parsing: Array(line.utf8), limits: .upstream),
            let number = value["id"]?.integer
        else { return }
        end(number, CanaryResponse(line))
    }

    private func end(_ number: Int64, _ answer: CanaryResponse) {
        waiting.withLock { $0.removeValue(forKey: number) }?.resume(returning: answer)
    }

    private static func spawn(
        _ words: [String], _ environment: [String], _ input: Int32, _ output: Int32
    ) throws(Failure) -> pid_t {
        let (arguments, variables) = (CStrings(words), CStrings(environment))
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        var process = pid_t()
        let code = unsafe posix_spawn(
            &process, words[0], &actions, nil, arguments.pointers, variables.pointers)
        guard code == 0 else { throw Failure(.internalError, "the relay's canary does not start") }
        return process
    }

    /// Reads lines until the end of the input.
    private struct Reader {
        let descriptor: Int32
        let take: @Sendable (String) -> Void

        func run() {
            defer { close(descriptor) }
            var rest: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 16 << 10)
            while true {
                let count = unsafe read(descriptor, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest += chunk[..<count]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    take(String(decoding: rest[..<end], as: UTF8.self))
                    rest.removeSubrange(...end)
                }
            }
        }
    }
}
