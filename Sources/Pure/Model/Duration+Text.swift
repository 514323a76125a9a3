extension Duration {
    /// The duration in two units at most: "420 ms", "3.2 s", "12 min 5 s", "1 h 58 min", "2 d 3 h"; "0 ms" below zero.
    package var inTwoUnits: String {
        let milliseconds = max(0, microseconds / 1000 + (microseconds % 1000 >= 500 ? 1 : 0))
        let seconds = milliseconds / 1000
        return switch seconds {
        case 0: "\(milliseconds) ms"
        case ..<60: "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }
}
