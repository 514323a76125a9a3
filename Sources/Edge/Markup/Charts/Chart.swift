/// Numbers over time, drawn by a script from the table below the picture. The table is the accessible form of the same
/// data, which is therefore not duplicated.
package struct Chart {
    package enum Kind {
        /// Counts that add up, stacked.
        case bars
        case line
    }

    package struct Series {
        /// The name, a literal of this program.
        package let name: String
        package let tone: Style

        package init(name: String, tone: Style) {
            self.name = name
            self.tone = tone
        }
    }

    package struct Point {
        /// The label in the table.
        package let label: HTML
        /// A short label for the axis of the picture.
        package let mark: AxisLabel
        /// One amount per series; nil where nothing is known.
        package let amounts: [Double?]

        package init(label: HTML, mark: AxisLabel, amounts: [Double?]) {
            self.label = label
            self.mark = mark
            self.amounts = amounts
        }
    }

    /// Marks points by a band behind the series, and by a last column of the table.
    package struct Band {
        /// The name in the legend and the table, a literal of this program.
        package let name: String
        /// One count per point; points with 0 are not marked.
        package let counts: [Int]

        /// The number of marked points.
        package var marked: Int { counts.count { $0 > 0 } }

        package init(name: String, counts: [Int]) {
            self.name = name
            self.counts = counts
        }
    }

    /// A label of the axis.
    package enum AxisLabel {
        case words(String)
        /// The time of day in the point's label, which is an exact time.
        case minute
    }

    /// The caption of the picture and the table.
    package let caption: String
    /// A one-sentence summary of the picture for screen readers.
    package let gist: String
    package let kind: Kind
    package let series: [Series]
    /// The header of the first column, such as "Minute from".
    package let column: String
    /// The points, oldest first.
    package let points: [Point]
    /// The number of points that the picture has room for. If there are fewer, the space before them is hatched,
    /// since no data is known for it.
    package var room = 0
    /// Is nil if no point is marked.
    package let band: Band?

    package init(
        caption: String, gist: String, kind: Kind, series: [Series], column: String,
        points: [Point], room: Int = 0, band: Band? = nil
    ) {
        self.caption = caption
        self.gist = gist
        self.kind = kind
        self.series = series
        self.column = column
        self.points = points
        self.room = room
        self.band = band
    }

    package var html: HTML {
        element(.div, .style(.chart), .flag(.isChart)) {
            element(.p, .style(.title)) { caption }
            if room > points.count, let first = points.first {
                element(.p, .style(.hint)) {
                    "Hatched: no data before "
                    first.label
                }
            }
            legend
            element(.div, .style(.picture)) { canvas }
            element(.p, .style(.hint, .undrawn)) {
                "No picture is drawn here. The table has the same numbers."
            }
            element(.details) {
                element(.summary) { "Show as table" }
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
            if let band { element(.li, .style(.band)) { band.name } }
        }
    }

    /// The table, newest first, as in all tables of the console. Its cells have nothing but numbers: there are hundreds
    /// on a page, and the script reads them.
    private var table: Table {
        let names = series.map(\.name) + (band.map { [$0.name] } ?? [])
        return Table(
            caption, [.time(column)] + names.map { .number($0) }, points.indices.reversed()
        ) { number in
            let amounts = points[number].amounts.map { $0.map(Self.text) ?? Self.unknown }
            let marks = band.map { ["\($0.counts[number])"] } ?? []
            return [Self.label(of: points[number])] + (amounts + marks).map { .text($0) }
        }
    }

    private static func label(of point: Point) -> HTML {
        switch point.mark {
        case .words(let words): .element(.span, [.text(.mark, words)], [point.label])
        case .minute: point.label
        }
    }

    /// The cell of an amount of which nothing is known, as the script knows it.
    private static let unknown = "-"

    /// Formats whole numbers without decimals, others with up to two.
    package static func text(_ amount: Double) -> String {
        guard amount.isFinite, abs(amount) < 9e15 else { return "0" }
        let hundredths = (amount * 100).rounded() / 100
        return hundredths == hundredths.rounded()
            ? String(Int64(hundredths)) : String(hundredths)
    }
}
