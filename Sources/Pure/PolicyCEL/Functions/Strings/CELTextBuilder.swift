/// Builds a text, charging a step for each 16 bytes before they are appended.
struct CELTextBuilder {
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ piece: ArraySlice<UInt8>, _ budget: inout CELBudget) throws(CELFault) {
        try charge(piece.count, &budget)
        bytes += piece
    }

    mutating func append(_ piece: String, _ budget: inout CELBudget) throws(CELFault) {
        try charge(piece.utf8.count, &budget)
        bytes += piece.utf8
    }

    private func charge(_ count: Int, _ budget: inout CELBudget) throws(CELFault) {
        try budget.spend((bytes.count + count + 15) / 16 - (bytes.count + 15) / 16)
    }
}
