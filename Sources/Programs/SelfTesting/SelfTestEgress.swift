import CLinux
import Glibc
import InterlockCommandLine
import InterlockDeployment
import InterlockModel
import InterlockRunning
import InterlockSelfTest
import Synchronization

/// Asks for a host that no policy lists, from inside a sandboxed run that the launcher made.
struct SelfTestEgress {
    private let parts: SelfTestEnvironment.Parts

    init(_ parts: SelfTestEnvironment.Parts) { self.parts = parts }

    /// The longest time of the run.
    private static let patience = Duration.seconds(60)

    func observe() async -> SelfTestObservation {
        guard RunTrial.isPossible else {
            return SelfTestObservation(
                .absent("the user of the gateway can make no sandbox here"), arrivals: 0)
        }
        let lines: String
        do {
            lines = try await output(
                ["selftest", "sandbox", "--dir", parts.deployment.directory])
        } catch {
            return SelfTestObservation(.other("the sandbox does not start"), arrivals: 0)
        }
        return Self.observation(of: lines)
    }

    /// Reads the status line of the proxy of the run.
    static func observation(of lines: String) -> SelfTestObservation {
        let status = lines.split(whereSeparator: \.isNewline).last { $0.hasPrefix("HTTP/1.") }
        let words = (status ?? "").split(separator: " ")
        guard words.count > 1 else {
            return SelfTestObservation(
                .other("the run had no answer: \(lines.prefix(120))"), arrivals: 0)
        }
        let isConnected = words[1].hasPrefix("2")
        return isConnected
            ? SelfTestObservation(.answered, arrivals: 1)
            : SelfTestObservation(.refused(reason: String(words[1]), rule: ""), arrivals: 0)
    }

    /// Runs this program, and returns what it wrote.
    private func output(_ words: [String]) async throws -> String {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0, let program = File.realPath("/proc/self/exe")
        else { throw Failure(.internalError, "there are no pipes for the self-test") }
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        let process: pid_t
        do throws(SpawnFailure) {
            process = try Child.spawn(
                program, [program] + words, environment: nil, input: nothing, output: ends[1],
                errors: ends[1], leadsGroup: true)
        } catch {
            for descriptor in ends + [nothing] { close(descriptor) }
            throw Failure(.internalError, "the self-test does not start a run")
        }
        close(ends[1])
        close(nothing)
        let timer = Task {
            try await Task.sleep(for: Self.patience)
            _ = kill(-process, SIGKILL)
        }
        defer { timer.cancel() }
        let input = ends[0]
        return await withCheckedContinuation { continuation in
            let isStarted = startThread {
                let text = Self.read(input)
                _ = Child.wait(for: process)
                continuation.resume(returning: text)
            }
            if !isStarted {
                _ = kill(-process, SIGKILL)
                _ = Child.wait(for: process)
                close(input)
                continuation.resume(returning: "")
            }
        }
    }

    /// Reads until the end of the input, and closes it.
    private static func read(_ descriptor: Int32) -> String {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 64 << 10 {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SelfTestEgress {
    /// The command inside the run: it asks the proxy of the run for a host that does not exist.
    static let command = [
        "/bin/bash", "-c",
        """
        proxy=${HTTP_PROXY#http://}; proxy=${proxy##*@}; proxy=${proxy%/}
        exec 3<>"/dev/tcp/${proxy%:*}/${proxy##*:}" || exit 1
        printf 'CONNECT selftest.interlock.invalid:443 HTTP/1.1\\r\\nHost: selftest.interlock.invalid:443\\r\\n\\r\\n' >&3
        IFS= read -r -t 20 line <&3 && printf '%s\\n' "$line"
        """,
    ]
}
