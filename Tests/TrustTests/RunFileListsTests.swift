import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The change between the files of two sandboxed runs (docs/specs/trust-and-review.md, section 4).
@Suite(.requirement("R128")) struct RunFileListsTests {
    private let hashing = OpenSSLHashing()

    /// The payload of a start with one file of each kind, of which some have other content.
    private func files(changed: [String] = []) -> JSONObject {
        var files = JSONObject()
        for part in ["program", "prompt", "skills", "settings"] {
            let digest = changed.contains(part) ? "11" : "00"
            files[part] = [["path": .string(part), "sha256": .string(digest)]]
        }
        return files
    }

    private func lists(_ files: JSONObject, digestOf: JSONObject? = nil) throws -> RunFileLists? {
        var listed = digestOf ?? files
        listed["v"] = 2
        let bytes = try JSONValue.object(listed).canonical()
        return RunFileLists(
            setup: ["files": .object(files)], fingerprint: hashing.sha256(bytes),
            hashing: hashing)
    }

    @Test func `each kind alone, and two together`() throws {
        let before = try #require(try lists(files()))
        let expected: [([String], FingerprintChange)] = [
            (["skills"], .skills), (["prompt"], .prompt), (["program"], .files),
            (["settings"], .files), (["skills", "prompt"], .files),
            (["skills", "settings"], .files),
        ]
        for (changed, change) in expected {
            let after = try #require(try lists(files(changed: changed)))
            #expect(before.change(to: after) == change, "\(changed)")
            #expect(after.change(to: before) == change, "\(changed)")
        }
    }

    /// A supervisor cuts long lists: they do not show then which files changed.
    @Test func `lists that are not the files of the digest prove nothing`() throws {
        var cut = files()
        cut["skills"] = .array([])
        #expect(try lists(cut, digestOf: files()) == nil)
        var missing = files()
        missing["skills"] = nil
        #expect(try lists(missing) == nil)
        #expect(
            RunFileLists(setup: .null, fingerprint: TrustFixture.digest(1), hashing: hashing) == nil
        )
    }
}
