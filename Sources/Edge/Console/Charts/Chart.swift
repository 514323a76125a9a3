/// Numbers over time, drawn by a script out of the table below the picture. Whoever does not see the picture has the table, and
/// nothing is told twice.
struct Chart {
    enum Kind {
        /// Counts that add up, upon each other.
        case bars
        case line
    }

    struct Series {
        /// Of a word of this program.
        let name: String
        let tone: Style
    }

    struct Point {
        /// In the table.
        let label: HTML
        /// Short, along the picture's edge.
        let mark: String
        /// One of each series.
        let amounts: [Double]
    }

    /// What is counted, for the picture and for the table.
    let caption: String
    /// What the picture shows, in one sentence, for whoever hears it.
    let gist: String
    let kind: Kind
    let series: [Series]
    /// The name of what a row stands for: "Minute from".
    let column: String
    /// The oldest first.
    let points: [Point]
    /// How many points the picture has room for; where there are fewer, those before them are left empty, because nothing is known
    /// of them.
    var room = 0

    var html: HTML {
        element(.div, .style(.chart), .flag(.isChart)) {
            legend
            element(.div, .style(.picture)) { canvas }
            element(.p, .style(.hint, .undrawn)) {
                "No picture is drawn here. The table has the same numbers."
            }
            element(.details) {
                element(.summary) { "The numbers as a table" }
                table.html
            }
        }
    }

    private var canvas: HTML {
        element(
            .canvas, .word(.role, "img"), .text(.label, "\(caption). \(gist)"),
            .word(.kind, kind == .bars ? "bar" : "line"), .number(.room, room))
    }

    private var legend: HTML {
        element(.ul, .style(.legend)) {
            for one in series { element(.li, .style(one.tone)) { one.name } }
        }
    }

    /// The newest first, as in all tables of the console.
    private var table: Table {
        var table = Table(caption: caption, columns: [column] + series.map(\.name))
        table.rows = points.reversed().map { point in
            [element(.span, .text(.mark, point.mark)) { point.label }]
                + point.amounts.map { amount in
                    let text = Self.text(amount)
                    return element(.span, .style(.number), .text(.amount, text)) { text }
                }
        }
        return table
    }

    /// Whole numbers as such, others to two places.
    private static func text(_ amount: Double) -> String {
        guard amount.isFinite, abs(amount) < 9e15 else { return "0" }
        return amount == amount.rounded()
            ? String(Int64(amount)) : String((amount * 100).rounded() / 100)
    }
}
