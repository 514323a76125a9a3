import CLinux
import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// A canary that is this program as a child process which reads and writes lines, like a host that only speaks stdio.
final class ChildCanary: DrillCanary {
    let pointClass: String
    private struct Started {
        let process: pid_t
        let input: Int32
    }
    /// The words after the program's own path.
    private let words: [String]
    /// Is nil if the child needs none.
    private let credential: CanaryCredential?
    /// Is nil once the canary has stopped, and if no child starts.
    private let child = Mutex<Started?>(nil)
    private let waiting = Mutex<[Int64: CheckedContinuation<CanaryResponse, Never>]>([:])
    /// The last line of the child that is no answer.
    private let lastWords = Mutex<String?>(nil)
    private static let patience = Duration.seconds(5)
    private static let endPatience = Duration.seconds(3)

    /// Returns a canary behind `interlock stdio`.
    ///
    /// - Parameter url: the agent plane.
    static func relay(
        url: String, _ credential: CanaryCredential
    ) throws(Failure) -> ChildCanary {
        try ChildCanary("relay", ["stdio", "--gateway", url], credential)
    }

    /// Returns a canary inside a sandboxed run: `interlock stdio` there, whose calls come over the run's own listener.
    static func sandbox(of deployment: Deployment) throws(Failure) -> ChildCanary {
        try ChildCanary("sandbox", ["drill", "sandbox", "--dir", deployment.directory], nil)
    }

    private init(
        _ pointClass: String, _ words: [String], _ credential: CanaryCredential?
    ) throws(Failure) {
        self.pointClass = pointClass
        self.words = words
        self.credential = credential
        let first = try start()
        child.withLock { $0 = first }
    }

    /// Starts another child, because a child keeps its token, and a run that was halted has ended.
    func beginRun() {
        stop()
        credential?.renew()
        let next = try? start()
        child.withLock { $0 = next }
    }

    private func start() throws(Failure) -> Started {
        var (down, up): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard unsafe pipe2(&down, O_CLOEXEC) == 0, unsafe pipe2(&up, O_CLOEXEC) == 0,
            let program = File.realPath("/proc/self/exe")
        else { throw Failure(.internalError, "there are no pipes for a canary") }
        let process: pid_t
        do throws(SpawnFailure) {
            process = try Child.spawn(
                program, [program] + words,
                environment: credential.map { ["INTERLOCK_TOKEN=\($0.bearer)"] } ?? [],
                input: down[0], output: up[1], errors: up[1])
        } catch { throw Failure(.internalError, "a canary does not start") }
        close(down[0])
        close(up[1])
        let reader = Reader(descriptor: up[0]) { [weak self] in self?.take($0) }
        guard
            startThread({
                reader.run()
                self.answerWaiting(ifStill: process)
            })
        else { throw Failure(.internalError, "there is no thread for a canary") }
        return Started(process: process, input: down[1])
    }

    /// Answers the calls of a child that has ended by itself.
    private func answerWaiting(ifStill process: pid_t) {
        guard child.withLock({ $0?.process == process }) else { return }
        answerWaiting()
    }

    private func answerWaiting() {
        let words = lastWords.withLock { $0 } ?? "the \(pointClass) has ended"
        for number in waiting.withLock({ Array($0.keys) }) { end(number, .other(words)) }
    }

    /// Ends the child by the end of its input, so that a run has its end on record, or kills it after a while.
    func finish() async {
        guard let last = child.withLock({ $0 }) else { return }
        child.withLock { $0 = nil }
        close(last.input)
        let deadline = ContinuousClock.now + Self.endPatience
        var status: Int32 = 0
        while unsafe waitpid(last.process, &status, WNOHANG) == 0 {
            if ContinuousClock.now >= deadline { return end(last) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        answerWaiting()
    }

    /// Kills the child and waits until it has ended. Calls under way are answered by nothing.
    func stop() {
        guard let last = child.withLock({ $0.take() }) else { return }
        close(last.input)
        end(last)
    }

    private func end(_ last: Started) {
        _ = Glibc.kill(last.process, SIGKILL)
        _ = Child.wait(for: last.process)
        answerWaiting()
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
            if !isWritten { end(number, .other("the \(pointClass) is gone")) }
        }
    }

    private func take(_ line: String) {
        guard let value = try? JSONValue(parsing: Array(line.utf8), limits: .upstream),
            let number = value["id"]?.integer
        else { return lastWords.withLock { $0 = String(line.prefix(120)) } }
        end(number, CanaryResponse(line))
    }

    private func end(_ number: Int64, _ answer: CanaryResponse) {
        waiting.withLock { $0.removeValue(forKey: number) }?.resume(returning: answer)
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
