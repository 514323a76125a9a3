import InterlockMarkup

/// The limits of a search, so that an incomplete list is not taken for a complete one.
struct IndexNotices {
    let fault: String?
    let unsearched: Range<UInt64>?

    @HTMLBuilder var html: [HTML] {
        if let fault {
            notice(.bad) {
                "The index is not used: "
                SafeText.text(fault)
            }
        }
        if let missing = unsearched {
            notice(.bad) {
                "Index behind. Records \(missing.lowerBound) to \(missing.upperBound - 1) were not searched: "
                    + "they are too many to be read one by one."
            }
        }
    }
}
