import Glibc
import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// Each file of `Golden` is a value in JSON, a line `----`, and the markup that shows it. INTERLOCK_UPDATE_GOLDEN=1
/// rewrites the second half; read the difference before committing it.
struct GoldenTests {
    private static let files = TestFiles.list(
        TestFiles.root(from: #filePath) + "/Tests/ConsoleTests/Golden", suffix: ".txt")

    @Test func `there are golden files`() { #expect(Self.files.count >= 6) }

    @Test(arguments: files)
    func `a hostile value is shown as it was reviewed`(_ file: String) throws {
        let text = String(decoding: try #require(TestFiles.read(file)), as: UTF8.self)
        let parts = text.split(
            separator: "\n----\n", maxSplits: 1, omittingEmptySubsequences: false)
        let value = try JSONValue(parsing: Array(parts[0].utf8), limits: .agent)
        let shown = HTML.group(SafeText.value(value)).bytes + Array("\n".utf8)
        if GoldenFile.isRenewed {
            try GoldenFile.write(Array((parts[0] + "\n----\n").utf8) + shown, to: file)
        } else {
            #expect(
                String(decoding: shown, as: UTF8.self) == (parts.count > 1 ? String(parts[1]) : ""))
        }
    }
}

/// A file of accepted output.
enum GoldenFile {
    /// True if the files are to be written anew instead of compared.
    static var isRenewed: Bool { unsafe getenv("INTERLOCK_UPDATE_GOLDEN") != nil }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = unsafe fopen(path, "w") else { throw NotWritten(path: path) }
        defer { unsafe fclose(file) }
        guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw NotWritten(path: path)
        }
    }

    private struct NotWritten: Error {
        let path: String
    }
}
