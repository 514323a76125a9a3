import InterlockCommandLine
import Testing

/// Cells of CSV, which spreadsheets must not run.
struct CSVCellTests {
    @Test(arguments: [
        ("refunds", "refunds"), ("", ""), ("a b", "a b"), ("a=b", "a=b"), ("a,b", "\"a,b\""),
        ("a;=1+1", "\"a;=1+1\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("a\nb", "\"a\nb\""),
        ("a\r\nb", "\"a\r\nb\""), ("é,à", "\"é,à\""),
    ])
    func `a cell is quoted if something in it could end it`(_ text: String, _ cell: String) {
        #expect(CSVCell.written(text) == cell)
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\u{FF1D}1", "\u{FF0B}1", "=\u{338}1"])
    func `a formula is text`(_ text: String) {
        #expect(CSVCell.written(text) == "'" + text)
    }

    @Test func `a tab or a line before a formula does not hide it`() {
        #expect(CSVCell.written("\t=1") == "\"'\t=1\"")
        #expect(CSVCell.written("\n=1") == "\"'\n=1\"")
    }

    @Test func `a combining mark hides no separator and no quote`() {
        #expect(CSVCell.written("a,\u{308}b") == "\"a,\u{308}b\"")
        #expect(CSVCell.written("a\"\u{308}b") == "\"a\"\"\u{308}b\"")
    }
}
