import InterlockModel

/// One node of an expression. Operands are indices of other instructions unless the case or a label names a
/// table.
enum CELInstruction {
    case constant(Int)
    /// The result of a name or function that was not found: an index into `faults`.
    case fault(Int)
    case variable(slot: Int)
    case local(slot: Int)
    /// A field of a variable: two nodes in one instruction.
    case variableField(slot: Int, name: Int)
    case field(of: Int, name: Int)
    case optionalField(of: Int, name: Int)
    case hasVariable(slot: Int)
    case optionalVariable(slot: Int)
    case hasField(of: Int, name: Int)
    case element(of: Int, at: Int)
    case optionalElement(of: Int, at: Int)
    case not(Int)
    case negate(Int)
    case and(Int, Int)
    case or(Int, Int)
    case equal(Int, Int)
    case notEqual(Int, Int)
    case compare(CELComparison, Int, Int)
    case isIn(Int, Int)
    /// `in` with a list of constants: an index into `sets`.
    case isInSet(Int, set: Int)
    case arithmetic(CELArithmetic, Int, Int)
    case conditional(Int, then: Int, otherwise: Int)
    case callOfOne(function: Int, Int)
    case callOfTwo(function: Int, Int, Int)
    /// A call with any number of arguments: an index into `operands`.
    case call(function: Int, operands: Int)
    /// `or` and `orValue`: the second operand is evaluated only if the first is an empty optional.
    case alternative(function: Int, Int, Int)
    case matches(function: Int, Int, pattern: Int)
    case inZone(function: Int, Int, zone: Int)
    case list(Int)
    case map(Int)
    case macro(Int)
    case bind(slot: Int, value: Int, body: Int)
    case optionalMap(Int, slot: Int, body: Int)
    case optionalFlatMap(Int, slot: Int, body: Int)
}

/// The tables that instructions refer to.
struct CELTables: Sendable {
    var constants: [CELValue] = []
    var faults: [CELFault] = []
    /// The names of fields.
    var names: [String] = []
    var sets: [CELConstantSet] = []
    var functions: [CELFunction] = []
    var operands: [[Int]] = []
    var patterns: [CELPattern] = []
    var zones: [ZoneRules] = []
    var lists: [[CELNode.Element]] = []
    var maps: [[CELNode.Entry]] = []
    var macros: [CELMacroPlan] = []
}

/// A macro with the slots of its variables.
struct CELMacroPlan: Sendable {
    let macro: CELNode.Comprehension.Macro
    let range: Int
    /// The slot of the first variable; the second one has the next slot.
    let slot: Int
    let hasSecond: Bool
    let condition: Int?
    let result: Int?
}
