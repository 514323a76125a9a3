/// The inputs for which an expression is true, false, or an error. The complements are stored as well,
/// because computing them from a disjunctive normal form is expensive.
package struct Ternary: Sendable {
    package let isTrue: Region
    package let isFalse: Region
    let isError: Region
    package let isNotTrue: Region
    package let isNotFalse: Region

    package static let always = Ternary(constant: true)
    package static let never = Ternary(constant: false)
    static let failing = Ternary(
        isTrue: .nothing, isFalse: .nothing, isError: .everything, isNotTrue: .everything,
        isNotFalse: .everything)
}

extension Ternary {
    init(constant: Bool) {
        isTrue = constant ? .everything : .nothing
        isFalse = constant ? .nothing : .everything
        isError = .nothing
        isNotTrue = isFalse
        isNotFalse = isTrue
    }

    var negated: Ternary {
        Ternary(
            isTrue: isFalse, isFalse: isTrue, isError: isError, isNotTrue: isNotFalse,
            isNotFalse: isNotTrue)
    }

    /// The truth of `&&`: false absorbs errors, on either side.
    package func and(_ other: Ternary) throws(AnalysisLimit) -> Ternary {
        let mine = try isError.intersection(other.isNotFalse)
        let theirs = try other.isError.intersection(isNotFalse)
        return Ternary(
            isTrue: try isTrue.intersection(other.isTrue),
            isFalse: try isFalse.union(other.isFalse),
            isError: try mine.union(theirs),
            isNotTrue: try isNotTrue.union(other.isNotTrue),
            isNotFalse: try isNotFalse.intersection(other.isNotFalse))
    }

    /// The truth of `||`: true absorbs errors, on either side.
    package func or(_ other: Ternary) throws(AnalysisLimit) -> Ternary {
        try negated.and(other.negated).negated
    }

    /// The truth of `self ? yes : no`; an error in the condition is an error.
    func choose(_ yes: Ternary, _ no: Ternary) throws(AnalysisLimit) -> Ternary {
        func pick(_ part: (Ternary) -> Region) throws(AnalysisLimit) -> Region {
            let first = try isTrue.intersection(part(yes))
            return try first.union(try isFalse.intersection(part(no)))
        }
        return Ternary(
            isTrue: try pick(\.isTrue), isFalse: try pick(\.isFalse),
            isError: try pick(\.isError).union(isError),
            isNotTrue: try pick(\.isNotTrue).union(isError),
            isNotFalse: try pick(\.isNotFalse).union(isError))
    }
}
