/// The cells of one agent, found by tool. Short lists of numbers are searched first, so that finding a
/// cell among millions reads few lines of memory.
struct CellIndex: Sendable {
    /// The numbers of kinds, and of tools that the agent names; each list is sorted.
    private let kinds: [Int32]
    private let tools: [Int32]
    /// The cells of `kinds`, followed by those of `tools`.
    let cells: [CompiledCell]

    /// - Parameter cells: must not list a tool more than once.
    init(_ cells: [CompiledCell]) {
        // INVARIANT: a tool that the agent names has a cell of its own wherever its kind has one, so a
        // tool without one belongs to the cell of its kind.
        let ofKinds = cells.filter { !$0.isNamed }.sorted { $0.kind.number < $1.kind.number }
        let named = cells.filter(\.isNamed).sorted { $0.tools[0] < $1.tools[0] }
        kinds = ofKinds.map { Int32($0.kind.number) }
        tools = named.map { Int32($0.tools[0]) }
        self.cells = named.isEmpty ? ofKinds : ofKinds + named
    }

    func cell(of tool: Int, kind: Int) -> CompiledCell? {
        if !tools.isEmpty, let place = place(of: Int32(tool), in: tools) {
            return cells[kinds.count + place]
        }
        return place(of: Int32(kind), in: kinds).map { cells[$0] }
    }

    private func place(of number: Int32, in numbers: [Int32]) -> Int? {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == number ? low : nil
    }
}
