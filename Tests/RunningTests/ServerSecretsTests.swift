import Glibc
import InterlockCredentials
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

/// The values of the secrets of stdio servers (docs/specs/sandbox.md, sections 8 and 14).
@Suite(.serialized) struct `Secrets of servers` {
    private static let prefix = "INTERLOCK_TEST_SERVER_SECRET_"

    private func provider(_ command: @escaping SecretCommand) -> SecretProvider {
        SecretProvider(
            SecretSources(
                environmentPrefix: Self.prefix, directory: "/nonexistent",
                commands: ["a": ["/bin/a"], "b": ["/bin/b"]]), command: command)
    }

    private func failure(
        _ child: ServerVariables, _ secrets: ServerSecrets
    ) -> KeyFailure? {
        do throws(KeyFailure) {
            _ = try secrets.variables(child)
            _ = try secrets.files(child)
            return nil
        } catch { return error }
    }

    @Test(.requirement("R023", "R082"))
    func `come from the sources that the policy names, each once for all servers`() async throws {
        unsafe setenv(Self.prefix + "A_B", "of the environment", 1)
        defer { unsafe unsetenv(Self.prefix + "A_B") }
        let asked = Mutex<[String]>([])
        let provider = provider { argv, _ in
            asked.withLock { $0.append(argv[0]) }
            return .success(Array("of \(argv[0])\n".utf8))
        }
        let program = SecretReference(.commands, "a")
        let first = ServerVariables(
            plain: ["TZ": "UTC"], secrets: ["TOKEN": program, "KEY": SecretReference(.env, "a-b")])
        let second = ServerVariables(files: ["token": program])
        let secrets = await ServerSecrets(
            first.references.union(second.references), from: provider)
        #expect(
            try secrets.variables(first) == ["TOKEN": "of /bin/a", "KEY": "of the environment"])
        #expect(try secrets.variables(second).isEmpty)
        #expect(try secrets.files(second) == ["token": Array("of /bin/a".utf8)])
        #expect(asked.withLock { $0 } == ["/bin/a"])
        // No line of a child's errors shows one.
        #expect(secrets.values(first) == ["of /bin/a", "of the environment"])
        #expect(secrets.values(second) == ["of /bin/a"])
    }

    @Test(arguments: SecretSource.allCases)
    func `what its source cannot give is an error, and no other source is asked`(
        _ source: SecretSource
    ) async throws {
        let other = source == .env ? "MISSING_TOO" : "MISSING"
        unsafe setenv(Self.prefix + other, "of another source", 1)
        defer { unsafe unsetenv(Self.prefix + other) }
        let missing = SecretReference(source, "missing")
        let secrets = await ServerSecrets(
            [missing], from: provider { _, _ in .failure(KeyFailure(.late, "too late")) })
        for child in [
            ServerVariables(secrets: ["TOKEN": missing]), ServerVariables(files: ["t": missing]),
        ] {
            let found = try #require(failure(child, secrets))
            #expect(found.code == .missing && found.reason.contains("`missing`"))
            #expect(!found.reason.contains("of another source"))
            #expect(secrets.values(child).isEmpty)
        }
    }

    @Test func `a program that fails fails the servers that need it alone`() async throws {
        let secrets = await ServerSecrets(
            [SecretReference(.commands, "a"), SecretReference(.commands, "b")],
            from: provider { argv, _ in
                argv[0] == "/bin/a"
                    ? .failure(KeyFailure(.late, "too late")) : .success(Array("b".utf8))
            })
        let slow = ServerVariables(secrets: ["TOKEN": SecretReference(.commands, "a")])
        #expect(failure(slow, secrets)?.code == .late)
        let good = ServerVariables(secrets: ["TOKEN": SecretReference(.commands, "b")])
        #expect(try secrets.variables(good) == ["TOKEN": "b"])
    }

    @Test func `all are asked at the same time`() async throws {
        // Each program answers only once the other was asked; one after the other they would wait for ever.
        let (first, firstAsked) = AsyncStream<Void>.makeStream()
        let (second, secondAsked) = AsyncStream<Void>.makeStream()
        let secrets = await ServerSecrets(
            [SecretReference(.commands, "a"), SecretReference(.commands, "b")],
            from: provider { argv, _ in
                let (own, other) =
                    argv[0] == "/bin/a" ? (firstAsked, second) : (secondAsked, first)
                own.finish()
                for await _ in other {}
                return .success(Array("x".utf8))
            })
        let child = ServerVariables(secrets: [
            "A": SecretReference(.commands, "a"), "B": SecretReference(.commands, "b"),
        ])
        #expect(try secrets.variables(child) == ["A": "x", "B": "x"])
    }

    @Test func `a secret that was not asked for is no empty value`() async throws {
        let secrets = await ServerSecrets([], from: provider { _, _ in .success([0x61]) })
        let child = ServerVariables(secrets: ["A": SecretReference(.commands, "a")])
        #expect(failure(child, secrets)?.code == .missing)
    }
}
