/// The type of each node of a checked tree, which is dyn if no type was found.
package struct CELTypes: Sendable {
    private let byNode: [CELType]
    package let result: CELType

    init(_ byNode: [CELType], result: CELType) {
        self.byNode = byNode
        self.result = result
    }

    package subscript(id: CELTree.ID) -> CELType { byNode.indices.contains(id) ? byNode[id] : .dyn }
}

/// All problems of one text, at least one, in the order of the text.
package struct CELProblems: Error, Hashable, Sendable {
    package let problems: [CELProblem]
    package init(_ problems: [CELProblem]) { self.problems = problems }
}
