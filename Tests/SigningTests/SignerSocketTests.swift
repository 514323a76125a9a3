import Glibc
import InterlockCredentials
import InterlockSignerCommands
import InterlockTesting
import Testing

@Suite(.requirement("R097")) struct SignerSocketTests {
    private let folder = SignerFolder()
    private var path: String { folder.path + "/socket" }

    private func code(_ path: String) -> KeyFailure.Code? {
        do throws(KeyFailure) {
            _ = try SignerSocket(path: path, user: geteuid())
            return nil
        } catch { return error.code }
    }

    @Test func `a second signer does not take the socket of one that runs`() throws {
        let first = try SignerSocket(path: path, user: geteuid())
        var before = stat()
        #expect(unsafe stat(path, &before) == 0)
        #expect(before.st_mode & 0o777 == 0o600)
        #expect(code(path) == .exists)
        var after = stat()
        #expect(unsafe stat(path, &after) == 0)
        #expect(before.st_ino == after.st_ino, "the socket was replaced")
        withExtendedLifetime(first) {}
    }

    @Test func `another file keeps its path`() {
        folder.write("socket", [1])
        #expect(code(path) == .argument)
        #expect(folder.read("socket", 4, at: 0) == [1])
        #expect(code(folder.path + "/" + String(repeating: "s", count: 120)) == .argument)
    }
}
