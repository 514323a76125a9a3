/// What is read at most (specs of the policy, section 2.1). Beyond one of these: E109.
package enum YAMLLimits {
    package static let fileBytes = 1 << 20
    package static let policyBytes = 64 << 20
    package static let policyNodes = 1_000_000
    package static let depth = 32
    package static let scalarBytes = 16 << 10
    package static let agents = 20_000
    package static let servers = 256
    package static let toolsOfServer = 2000
}
