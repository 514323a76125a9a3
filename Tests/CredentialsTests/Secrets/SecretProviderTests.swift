import Glibc
import InterlockCredentials
import InterlockModel
import Synchronization
import Testing

@Suite(.serialized) struct SecretProviderTests {
    private static let prefix = "INTERLOCK_TEST_SECRET_"
    private let scratch = Scratch()

    private func provider(
        commands: [String: [String]] = [:], printed: Result<[UInt8], KeyFailure> = .success([])
    ) -> SecretProvider {
        SecretProvider(
            SecretSources(
                credentials: scratch.path + "/credentials", environmentPrefix: Self.prefix,
                directory: scratch.path + "/secrets", commands: commands),
            command: { _, _ in printed })
    }

    private func withVariable(
        _ value: String, _ body: () async throws -> Void
    ) async rethrows {
        unsafe setenv("INTERLOCK_TEST_SECRET_TICKETS_RO", value, 1)
        defer { unsafe unsetenv("INTERLOCK_TEST_SECRET_TICKETS_RO") }
        try await body()
    }

    private func make(_ folder: String, _ mode: mode_t = 0o700) {
        _ = unsafe mkdir("\(scratch.path)/\(folder)", 0o700)
        scratch.chmodFile(folder, mode)
    }

    @Test func `the first source that has it decides`() async throws {
        make("secrets")
        scratch.write("secrets/tickets-ro", "from the folder\n")
        #expect(try await provider().secret(named: "tickets-ro") == "from the folder")
        try await withVariable("Bearer abc") {
            let variable = try await provider().secret(named: "tickets-ro")
            #expect(variable == "Bearer abc")
            make("credentials")
            scratch.write("credentials/tickets-ro", "from systemd")
            let credential = try await provider().secret(named: "tickets-ro")
            #expect(credential == "from systemd")
            let commanded = provider(
                commands: ["tickets-ro": ["/bin/x"]], printed: .success(Array("printed\n".utf8)))
            let printed = try await commanded.secret(named: "tickets-ro")
            #expect(printed == "printed")
        }
    }

    @Test func `a source that is named is the only one`() async throws {
        make("secrets")
        scratch.write("secrets/tickets-ro", "from the folder\n")
        make("credentials")
        scratch.write("credentials/tickets-ro", "from systemd")
        let all = provider(
            commands: ["tickets-ro": ["/bin/x"]], printed: .success(Array("printed\n".utf8)))
        try await withVariable("from the environment") {
            var found: [SecretSource: String] = [:]
            for source in SecretSource.allCases {
                found[source] = try await all.secret(named: "tickets-ro", in: source)
            }
            #expect(
                found == [
                    .commands: "printed", .systemd: "from systemd", .env: "from the environment",
                    .files: "from the folder",
                ])
        }
        for (source, help) in [
            (SecretSource.commands, "secrets.commands"), (.systemd, "LoadCredential=other:"),
            (.env, "INTERLOCK_TEST_SECRET_OTHER"), (.files, "0600"),
        ] {
            do throws(KeyFailure) {
                _ = try await all.material(named: "other", in: source)
                Issue.record("it was found in \(source)")
            } catch {
                #expect(error.code == .missing && error.reason.contains("`other`"))
                #expect(error.help?.contains(help) == true)
            }
        }
    }

    /// A broken source is an error; the next source is not tried.
    @Test func `a source that has it and cannot give it is an error`() async throws {
        make("secrets")
        scratch.write("secrets/tickets-ro", "from the folder")
        await withVariable("") {
            await check(provider(), .malformed, "environment", "it is empty")
        }
        let late = provider(
            commands: ["tickets-ro": ["/bin/x"]],
            printed: .failure(KeyFailure(.late, "its program did not end in time")))
        await check(late, .late, "secrets.commands", "in time")
    }

    @Test func `systemd's access list shows as the group's right, there alone`() async throws {
        make("credentials", 0o550)
        scratch.chmodFile("credentials", 0o700)
        scratch.write("credentials/tickets-ro", "from systemd", mode: 0o440)
        scratch.chmodFile("credentials", 0o550)
        #expect(try await provider().secret(named: "tickets-ro") == "from systemd")
        for mode: mode_t in [0o444, 0o460, 0o450] {
            scratch.chmodFile("credentials/tickets-ro", mode)
            await check(provider(), .exposed, "$CREDENTIALS_DIRECTORY", "other users")
        }
        scratch.chmodFile("credentials/tickets-ro", 0o440)
        scratch.chmodFile("credentials", 0o570)
        await check(provider(), .exposed, "$CREDENTIALS_DIRECTORY", "other users")
        scratch.chmodFile("credentials", 0o700)
        run("rm -rf '\(scratch.path)/credentials'")
        make("secrets")
        scratch.write("secrets/tickets-ro", "from the folder", mode: 0o440)
        await check(provider(), .exposed, "secrets.dir", "other users")
    }

    @Test func `what is nowhere is missing, and says where to put it`() async {
        let failure = await failure(of: provider(), "tickets-ro")
        #expect(failure?.code == .missing)
        #expect(failure?.help?.contains("INTERLOCK_TEST_SECRET_TICKETS_RO") == true)
    }

    /// The value becomes a header of a request.
    @Test(arguments: ["a\nX-Other: b", "a\r\nb", "a\u{7f}", "\n", "a\n\n"])
    func `what is no line of text is no secret`(value: String) async {
        await withVariable(value) {
            await check(provider(), .malformed, "tickets-ro", "one line")
        }
    }

    @Test func `a secret has a bound, and other forms than a line`() async throws {
        let largest = [UInt8](repeating: 97, count: SecretProvider.largest)
        let commands = ["tickets-ro": ["/bin/x"]]
        let fits = provider(commands: commands, printed: .success(largest))
        #expect(try await fits.material(named: "tickets-ro") == largest)
        await check(
            provider(commands: commands, printed: .success(largest + [97])), .malformed,
            "secrets.commands", "too large")
        let lines = provider(commands: commands, printed: .success(Array("a\nb\n".utf8)))
        #expect(try await lines.material(named: "tickets-ro") == Array("a\nb\n".utf8))
    }

    @Test(arguments: ["", "../x", "a b", "a/b", "é", String(repeating: "a", count: 129)])
    func `a name that could lead elsewhere is none`(name: String) async {
        #expect(await failure(of: provider(), name)?.code == .malformed)
    }

    private func failure(of provider: SecretProvider, _ name: String) async -> KeyFailure? {
        do throws(KeyFailure) {
            _ = try await provider.secret(named: name)
            return nil
        } catch { return error }
    }

    /// The error names the source and the reason, but never the value.
    private func check(
        _ provider: SecretProvider, _ code: KeyFailure.Code, _ place: String, _ reason: String
    ) async {
        let failure = await failure(of: provider, "tickets-ro")
        #expect(failure?.code == code)
        let text = failure?.reason ?? ""
        #expect(
            text.contains("tickets-ro") && text.contains(place) && text.contains(reason), "\(text)")
        #expect(!text.contains("from ") && !text.contains("X-Other"), "\(text)")
    }
}
