import Glibc
import InterlockCommandLine
import Testing

@testable import interlock

@Suite struct OutputFileTests {
    @Test func `a link under the name of the draft is not followed`() throws {
        var template = Array("/tmp/interlock-output-XXXXXX".utf8CString)
        try #require(unsafe mkdtemp(&template) != nil)
        let folder = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for name in ["known", "out", "out.part"] { unsafe unlink("\(folder)/\(name)") }
            unsafe rmdir(folder)
        }
        try File.write(Array("mine".utf8), to: "\(folder)/known")
        try #require(unsafe symlink("\(folder)/known", "\(folder)/out.part") == 0)
        let output = try OutputFile("\(folder)/out")
        try output.line("theirs")
        try output.finish()
        #expect(try File.read("\(folder)/known", limit: 100) == Array("mine".utf8))
        #expect(try File.read("\(folder)/out", limit: 100) == Array("theirs\n".utf8))
    }
}
