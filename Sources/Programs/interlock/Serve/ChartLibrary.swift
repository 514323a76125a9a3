/// Chart.js, as Debian installs it: read once, at the start. Pages are whole without it.
struct ChartLibrary {
    /// nil where there is none.
    let bytes: [UInt8]?
    /// Why there is none.
    let problem: String?

    private static let path = "/usr/share/javascript/chart.js/chart.min.js"
    private static let largestBytes = 1 << 20

    /// Where nobody looks at a page.
    static let unneeded = ChartLibrary(bytes: nil, problem: nil)

    static func read() -> ChartLibrary {
        do throws(FileFailure) {
            let bytes = try File.readRegular(path, limit: largestBytes)
            return ChartLibrary(bytes: bytes, problem: nil)
        } catch {
            return ChartLibrary(
                bytes: nil,
                problem:
                    "pages have tables and no charts: \(error.message) (Debian's package libjs-chart.js)"
            )
        }
    }
}
