import InterlockCredentials
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

private let first = SecretReference(.commands, "a")
private let second = SecretReference(.commands, "b")
private let child = ServerVariables(secrets: ["TOKEN": first])

/// The secrets of servers that programs print, while policies change (docs/decisions/0122).
@Suite(.requirement("R023", "R082")) struct `Secrets of programs` {
    /// Programs that hang until the test ends them, in the order in which they were asked.
    private final class Programs: Sendable {
        private struct Asked {
            let program: String
            let end: AsyncStream<Result<[UInt8], KeyFailure>>.Continuation
        }
        private let asked = Mutex<[Asked]>([])
        private let count = Mutex(0)

        var names: [String] { asked.withLock { $0.map(\.program) } }

        func run(_ argv: [String]) async -> Result<[UInt8], KeyFailure> {
            let (stream, end) = AsyncStream<Result<[UInt8], KeyFailure>>.makeStream()
            asked.withLock { $0.append(Asked(program: argv[0], end: end)) }
            for await result in stream { return result }
            return .failure(KeyFailure(.late, "too late"))
        }

        /// Ends the next program, which must have been asked.
        func end(_ result: Result<[UInt8], KeyFailure>) {
            let position = count.withLock { count in
                defer { count += 1 }
                return count
            }
            let end = asked.withLock { $0[position].end }
            end.yield(result)
            end.finish()
        }
    }

    /// The policies for which a server was configured, each with the value of its secret.
    private final class Configured: Sendable {
        private let all = Mutex<[String]>([])
        var texts: [String] { all.withLock { $0 } }

        func note(_ policy: String) -> ProgramSecretService.Configure {
            { secrets in
                let value =
                    secrets.isComplete(for: child)
                    ? (try? secrets.variables(child)["TOKEN"]) ?? "none" : "starting"
                self.all.withLock { $0.append("\(policy) \(value)") }
            }
        }
    }

    private static func service(_ programs: Programs) -> ProgramSecretService {
        ProgramSecretService(
            SecretProvider(
                SecretSources(
                    environmentPrefix: "INTERLOCK_TEST_", directory: "/nonexistent",
                    commands: ["a": ["/bin/a"], "b": ["/bin/b"]]),
                command: { argv, _ in await programs.run(argv) }))
    }

    @Test func `a program that hangs delays neither its policy nor a later one`() async throws {
        let (programs, configured) = (Programs(), Configured())
        let service = Self.service(programs)
        service.follow([first], configured.note("old"))
        #expect(configured.texts == ["old starting"])
        try #require(await eventually { programs.names == ["/bin/a"] })
        // A narrower policy without the server.
        service.follow([], configured.note("narrow"))
        #expect(configured.texts == ["old starting", "narrow starting"])
        programs.end(.success(Array("late".utf8)))
        await service.settle()
        // The late secret is of a policy that is no longer in force.
        #expect(configured.texts == ["old starting", "narrow starting"])
    }

    @Test func `a server starts once its secret is there, and keeps it until there is a new one`()
        async throws
    {
        let (programs, configured) = (Programs(), Configured())
        let service = Self.service(programs)
        service.follow([first], configured.note("1"))
        try #require(await eventually { programs.names.count == 1 })
        programs.end(.success(Array("one".utf8)))
        await service.settle()
        #expect(configured.texts == ["1 starting", "1 one"])
        service.follow([first], configured.note("2"))
        #expect(configured.texts.last == "2 one")
        try #require(await eventually { programs.names.count == 2 })
        programs.end(.success(Array("two".utf8)))
        await service.settle()
        #expect(configured.texts.last == "2 two")
        // A secret that the policy in force does not name is forgotten.
        service.follow([], configured.note("3"))
        service.follow([first], configured.note("4"))
        #expect(configured.texts.suffix(2) == ["3 starting", "4 starting"])
        try #require(await eventually { programs.names.count == 3 })
        programs.end(.success(Array("four".utf8)))
        await service.settle()
        #expect(configured.texts.last == "4 four")
    }

    @Test func `a program that fails leaves its server without a secret`() async throws {
        let (programs, configured) = (Programs(), Configured())
        let service = Self.service(programs)
        service.follow([first], configured.note("1"))
        try #require(await eventually { programs.names.count == 1 })
        programs.end(.success(Array("one".utf8)))
        await service.settle()
        service.follow([first], configured.note("2"))
        try #require(await eventually { programs.names.count == 2 })
        programs.end(.failure(KeyFailure(.late, "too late")))
        await service.settle()
        #expect(configured.texts == ["1 starting", "1 one", "2 one", "2 none"])
        // The value of before does not come back.
        service.follow([first], configured.note("3"))
        #expect(configured.texts.last == "3 starting")
        try #require(await eventually { programs.names.count == 3 })
        programs.end(.success(Array("three".utf8)))
        await service.settle()
        #expect(configured.texts.last == "3 three")
    }

    @Test func `of several policies only the newest asks its programs`() async throws {
        let (programs, configured) = (Programs(), Configured())
        let service = Self.service(programs)
        service.follow([first], configured.note("1"))
        try #require(await eventually { programs.names.count == 1 })
        service.follow([second], configured.note("2"))
        service.follow([first], configured.note("3"))
        programs.end(.success(Array("one".utf8)))
        try #require(await eventually { programs.names.count == 2 })
        programs.end(.success(Array("three".utf8)))
        await service.settle()
        #expect(programs.names == ["/bin/a", "/bin/a"])
        #expect(configured.texts == ["1 starting", "2 starting", "3 starting", "3 three"])
    }

    /// Other secrets are obtained before the servers of a policy are configured.
    @Test func `an earlier policy is not configured once a later one is in force`() async throws {
        let (programs, configured) = (Programs(), Configured())
        let service = Self.service(programs)
        service.follow([first], configured.note("1"))
        try #require(await eventually { programs.names.count == 1 })
        service.follow([second], configured.note("2"))
        service.supersede()
        programs.end(.success(Array("one".utf8)))
        await service.settle()
        // The program of the second policy is not asked either.
        #expect(programs.names == ["/bin/a"])
        #expect(configured.texts == ["1 starting", "2 starting"])
        service.follow([first], configured.note("3"))
        try #require(await eventually { programs.names.count == 2 })
        programs.end(.success(Array("three".utf8)))
        await service.settle()
        #expect(configured.texts.suffix(2) == ["3 starting", "3 three"])
    }

    @Test func `nothing is configured after the stop`() async throws {
        let (programs, configured) = (Programs(), Configured())
        let service = Self.service(programs)
        service.follow([first], configured.note("1"))
        try #require(await eventually { programs.names.count == 1 })
        service.stop()
        programs.end(.success(Array("one".utf8)))
        await service.settle()
        service.follow([first], configured.note("2"))
        #expect(configured.texts == ["1 starting"])
    }
}
