import Glibc
import Testing

/// Type-checks one snippet against the modules that were built with these tests. A snippet is compiled as a part of the
/// package, so that what it must not do, no module may do.
struct TypeChecker {
    /// Returns nil if the snippet compiles, otherwise the compiler's output.
    func complaint(about snippet: String) throws -> String? {
        try withFile(snippet) { file in
            try run("swiftc -typecheck -parse-as-library \(flags) '\(file)'")
        }
    }

    /// The same for a module in which `text` replaces one file and the others are unchanged.
    func complaint(
        about text: String, insteadOf path: String, among files: [String], module: String
    )
        throws -> String?
    {
        try withFile(text) { file in
            let others = files.filter { $0 != path }.map { "'\(Repository.root)/\($0)'" }
            return try run(
                """
                swiftc -frontend -typecheck -parse-as-library -module-name \(module) \(flags) \
                -primary-file '\(file)' \(others.joined(separator: " "))
                """)
        }
    }

    private func withFile(_ text: String, _ body: (String) throws -> String?) throws -> String? {
        var template = Array("/tmp/interlock-snippet-XXXXXX".utf8CString)
        let made = unsafe try #require(mkdtemp(&template))
        let folder = unsafe String(cString: made)
        let file = "\(folder)/snippet.swift"
        defer {
            unsafe unlink(file)
            unsafe rmdir(folder)
        }
        let output = unsafe try #require(fopen(file, "w"))
        unsafe fputs(text, output)
        unsafe fclose(output)
        return try body(file)
    }

    private var flags: String {
        get throws {
            let features = [
                "ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault",
                "NonisolatedNonsendingByDefault",
            ]
            return features.map { "-enable-upcoming-feature \($0) " }.joined()
                + "-swift-version 6 -package-name '\(try packageName)' "
                + "-I '\(try programFolder)/Modules'"
        }
    }

    private func run(_ command: String) throws -> String? {
        let pipe = unsafe try #require(popen(command + " 2>&1", "r"))
        var said: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = unsafe fread(&buffer, 1, buffer.count, pipe), count > 0 {
            said += buffer.prefix(count)
        }
        let status = unsafe pclose(pipe)
        return status == 0 ? nil : String(decoding: said, as: UTF8.self)
    }

    /// The folder of the running test program, which contains the built modules.
    private var programFolder: String {
        get throws {
            let path = unsafe try #require(realpath("/proc/self/exe", nil))
            defer { unsafe free(path) }
            let program = unsafe String(cString: path)
            return program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        }
    }

    /// The package of the modules is named after the folder of the checkout; the build's own plan states the name.
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
