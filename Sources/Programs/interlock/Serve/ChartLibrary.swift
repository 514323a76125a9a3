import InterlockCommandLine

/// Chart.js as installed by Debian, read once at start. Pages are complete without it.
struct ChartLibrary {
    /// Is nil if the library is not installed or not needed.
    let bytes: [UInt8]?
    /// The reason that the library could not be read.
    let problem: String?

    private static let path = "/usr/share/javascript/chart.js/chart.min.js"
    private static let largestBytes = 1 << 20

    /// The value for a gateway without a console.
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
