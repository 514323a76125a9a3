/// This program.
package enum Product {
    /// Semantic versioning 2.0.0; the same for clients, the command line and documents.
    package static let version = "0.1.0"
}
