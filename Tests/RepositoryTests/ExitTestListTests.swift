import InterlockTesting
import Testing

/// A test that runs a part of itself as a process waits for the end of any child. A server of another test that has ended
/// and is not waited for would hold it for ever, so `scripts/test` runs such files apart.
struct ExitTestListTests {
    @Test func `each file with such a test is named in the script`() {
        let script = Repository.text(of: "scripts/test")
        let files = Repository.files(under: "Tests", endingIn: ["Tests.swift"]).filter {
            Repository.text(of: $0).contains("#expect(processExits" + "With")
        }
        #expect(files.count >= 6)
        for file in files {
            let suite = file.split(separator: "/").last?.dropLast(".swift".count) ?? ""
            #expect(script.contains(suite), "\(file)")
        }
    }
}
