import Glibc
import InterlockHooks
import InterlockJSON
import InterlockTesting
import Testing

/// Each file of `Golden` is one event of a host at one version: the arguments of the command line, the host's bytes, the
/// event on the wire, and verdicts with exit code, standard output and standard error. INTERLOCK_UPDATE_GOLDEN=1
/// rewrites what follows from the input; read the difference before committing it.
@Suite struct `Golden files of hooks` {
    private static let root = TestFiles.root(from: #filePath) + "/Tests/HooksTests/Golden"

    static var files: [String] {
        HookHost.allCases.flatMap { TestFiles.list(root + "/" + folder(of: $0), suffix: ".txt") }
    }

    @Test(arguments: files)
    func `an event becomes its wire, and a verdict its bytes`(path: String) throws {
        let text = String(decoding: try #require(TestFiles.read(path)), as: UTF8.self)
        let host = try #require(
            HookHost.allCases.first { path.contains("/" + Self.folder(of: $0) + "/") })
        let made = try Self.made(from: text, host)
        if unsafe getenv("INTERLOCK_UPDATE_GOLDEN") != nil {
            try TestFiles.write(made, to: path)
        } else {
            #expect(made == text, "\(path)")
        }
    }

    @Test func `each host has golden files, for the version of its facts`() {
        for host in HookHost.allCases {
            let files = TestFiles.list(Self.root + "/" + Self.folder(of: host), suffix: ".txt")
            #expect(files.count >= 5, "\(host)")
        }
        #expect(TestFiles.list(Self.root).count == HookHost.allCases.count)
    }

    private static func folder(of host: HookHost) -> String {
        host.rawValue + "-" + host.facts.version.replacing(" ", with: "-")
    }

    /// Returns the file that the input and the verdicts of `text` should be.
    private static func made(from text: String, _ host: HookHost) throws -> String {
        let parts = text.split(separator: "\n----\n", omittingEmptySubsequences: false)
        let head = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
        try #require(head.count == 2)
        let name = head[0].hasPrefix("--event ") ? String(head[0].dropFirst(8)) : nil
        var environment: [ExactText: String] = [:]
        if let place = head[0].firstIndex(of: "="), name == nil {
            environment[String(head[0][..<place])] = String(head[0][head[0].index(after: place)...])
        }
        let event: HookEvent
        do throws(HookInputError) {
            event = try host.codec.event(
                from: Array(head[1].utf8), named: name, environment: environment)
        } catch {
            let line = HookLine(error)
            let answer = host.codec.refusal(line, eventNamed: name)
            return [String(parts[0]), "error", lines(answer)].joined(separator: "\n----\n") + "\n"
        }
        #expect(try HookEvent(wire: event.wire) == event)
        var made = [String(parts[0]), String(decoding: event.wire, as: UTF8.self)]
        for part in parts.dropFirst(2) {
            let wire = part.prefix { $0 != "\n" }
            let verdict = try HookVerdict(wire: Array(wire.utf8))
            #expect(verdict.wire == Array(wire.utf8))
            made.append(wire + "\n" + lines(host.codec.answer(verdict, to: event)))
        }
        return made.joined(separator: "\n----\n") + "\n"
    }

    private static func lines(_ answer: HookAnswer) -> String {
        let output = String(decoding: answer.output, as: UTF8.self)
        return "exit \(answer.exit.rawValue)\n\(output)\n\(answer.line)"
    }
}
