import InterlockLedger
import InterlockMarkup

/// A payload as inert data, or the reason it is not available.
struct PayloadView {
    let payload: DisplayedPayload
    /// The size above which only the number of bytes is shown; nil shows every payload in full.
    var mostBytes: Int?

    @HTMLBuilder var content: [HTML] {
        switch payload.answer {
        case .opened(let plaintext) where mostBytes.map { plaintext.count > $0 } ?? false:
            element(.p, .style(.muted)) { "\(plaintext.count) bytes, shown with the record." }
        case .opened:
            if let json = payload.json { SafeText.value(json) }
        case .erased:
            element(.p, .style(.muted)) {
                "Erased. That it was there stays on record; what it was is gone."
            }
        case .missing(let what):
            element(.p, .style(.muted)) { "Not here: \(what)." }
        case .bad(let fault):
            notice(.bad) { "Not shown: \(fault)." }
        }
    }
}
