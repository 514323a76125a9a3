import InterlockCluster
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// Answers are read strictly: what is not as the function has it is an error that names it.
struct AnswerDecodingTests {
    private func failure(_ test: AnswerCase, _ rows: [[StoreColumn]]) async -> ClusterCallFailure? {
        await thrown { try await test.call(ClusterStore(CallCase.node, CannedCaller(rows))) }
    }

    /// The name of the column that an error names.
    private func column(_ failure: ClusterCallFailure?, of function: String) -> Substring? {
        guard case .unreadable(let fault) = failure, fault.function == function else { return nil }
        return fault.column.prefix { $0 != "[" }
    }

    @Test(arguments: AnswerCase.all)
    func `the answer of the store is accepted`(_ test: AnswerCase) async {
        #expect(await failure(test, [test.row]) == nil)
        for (place, column) in test.columns.enumerated() where column.mayBeNull {
            var row = test.row
            row[place] = .null
            #expect(await failure(test, [row]) == nil)
        }
    }

    @Test(arguments: AnswerCase.all)
    func `each column that is NULL or of another type is named`(_ test: AnswerCase) async {
        for (place, column) in test.columns.enumerated() {
            var wrong: [StoreColumn] = []
            if case .bytes = column.form { wrong.append(.text("\\x01")) }
            if case .null = column.form { wrong.append(.text("1")) }
            if case .bytes = column.form {} else { wrong.append(.bytes([0x31])) }
            if column.value != .null, !column.mayBeNull { wrong.append(.null) }
            for value in wrong {
                var row = test.row
                row[place] = value
                let found = await failure(test, [row])
                #expect(
                    self.column(found, of: test.function) == column.name[...],
                    "\(column.name) as \(value): \(String(describing: found))")
            }
        }
    }

    @Test(arguments: AnswerCase.all)
    func `a row with a column more or less is no answer`(_ test: AnswerCase) async {
        for row in [test.row + [.null], Array(test.row.dropLast()), []] {
            #expect(column(await failure(test, [row]), of: test.function) == "*")
        }
    }

    @Test(arguments: AnswerCase.all.filter { $0.function != "entries" && $0.function != "use" })
    func `a function that returns one row returns neither none nor two`(_ test: AnswerCase) async {
        #expect(column(await failure(test, []), of: test.function) == "*")
        #expect(column(await failure(test, [test.row, test.row]), of: test.function) == "*")
    }

    @Test func `a value of another length or range in any column is named`() async {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(10_000) {
            guard let test = AnswerCase.all.randomElement(using: &random),
                let place = test.columns.indices.randomElement(using: &random)
            else { return }
            let column = test.columns[place]
            var row = test.row
            row[place] = column.wrong(&random)
            let found = await failure(test, [row])
            #expect(
                self.column(found, of: test.function) == column.name[...],
                "\(test.name).\(column.name) as \(row[place]): \(String(describing: found))")
        }
    }
}
