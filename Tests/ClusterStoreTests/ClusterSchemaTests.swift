import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

@Suite struct ClusterSchemaTests {
    private let steps = ClusterSchema.steps(hashing: OpenSSLHashing())

    @Test func `the steps are the files of the folder, numbered from one`() throws {
        let folder = TestFiles.root(from: #filePath) + "/Sources/C/CClusterSchema/files"
        let files = TestFiles.list(folder, suffix: ".sql")
        #expect(
            files.map { String($0.dropFirst(folder.count + 1)) } == steps.map(\.name) + [
                "roles.sql"
            ])
        for (place, step) in steps.enumerated() {
            #expect(step.number == place + 1)
            #expect(TestFiles.read(files[place]) == step.text)
            #expect(step.digest == OpenSSLHashing().sha256(step.text))
        }
        #expect(TestFiles.read(folder + "/roles.sql") == ClusterSchema.roles)
    }

    @Test func `every function that the program calls is made by a step`() {
        let text = steps.map { String(decoding: $0.text, as: UTF8.self) }.joined()
        for function in StoreFunction.allCases {
            #expect(text.contains("CREATE FUNCTION il_v1.\(function.rawValue)("))
        }
    }

    @Test func `a call names the schema of its version and one place for each value`() {
        #expect(StoreFunction.use.statement(values: 2) == "SELECT * FROM il_v1.use($1, $2)")
        #expect(StoreFunction.prune.statement(values: 0) == "SELECT * FROM il_v1.prune()")
    }

    private static let meanings: [(code: String, failure: StoreCallFailure)] = [
        ("IL001", .expelled("x")), ("IL002", .noStandby("x")), ("IL003", .closed("x")),
        ("IL004", .notCompared("x")), ("23505", .refused(code: "23505", reason: "x")),
    ]

    @Test(arguments: meanings.indices)
    func `an error of the store has its meaning`(_ index: Int) {
        let (code, failure) = Self.meanings[index]
        #expect(StoreCallFailure(code: code, reason: "x") == failure)
    }
}
