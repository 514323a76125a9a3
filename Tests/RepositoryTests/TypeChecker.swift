import Glibc
import Testing

/// The Swift compiler on one snippet, against the modules that were built with these tests. A snippet
/// is compiled as a part of the package, so that what is refused to it is refused to every module.
struct TypeChecker {
    /// nil when the snippet compiles, else what the compiler said.
    func complaint(about snippet: String) throws -> String? {
        var template = Array("/tmp/interlock-snippet-XXXXXX".utf8CString)
        let made = unsafe try #require(mkdtemp(&template))
        let folder = unsafe String(cString: made)
        let file = "\(folder)/snippet.swift"
        defer {
            unsafe unlink(file)
            unsafe rmdir(folder)
        }
        let output = unsafe try #require(fopen(file, "w"))
        unsafe fputs(snippet, output)
        unsafe fclose(output)
        let command = """
            swiftc -typecheck -parse-as-library -swift-version 6 \
            -package-name '\(try packageName)' -I '\(try programFolder)/Modules' '\(file)' 2>&1
            """
        let pipe = unsafe try #require(popen(command, "r"))
        var said: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = unsafe fread(&buffer, 1, buffer.count, pipe), count > 0 {
            said += buffer.prefix(count)
        }
        let status = unsafe pclose(pipe)
        return status == 0 ? nil : String(decoding: said, as: UTF8.self)
    }

    /// Where the running test program lies, with the modules beside it.
    private var programFolder: String {
        get throws {
            let path = unsafe try #require(realpath("/proc/self/exe", nil))
            defer { unsafe free(path) }
            let program = unsafe String(cString: path)
            return program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        }
    }

    /// The modules' package is named after the folder of the checkout; the build's own plan says how.
    private var packageName: String {
        get throws {
            let folders = try programFolder.split(separator: "/")
            let scratch = folders.dropLast(2).reduce("") { $0 + "/" + $1 }
            let plan = try Repository.text(at: "\(scratch)/\(#require(folders.last)).yaml")
            let marker = "\"-package-name\",\""
            let found = try #require(plan.firstRange(of: marker), "no package name in the plan")
            return String(plan[found.upperBound...].prefix { $0 != "\"" })
        }
    }
}
