"""Parameters of the template that turn every option on."""

from stack import ACCOUNT, REGION

UPLOADS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-1111-1111-1111-111111111111"
RESULTS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/22222222-2222-2222-2222-222222222222"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/pictures"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:pictures"
ALARMS = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
SIGNING_KEYS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:signing-keys-AbCdEf"

EVERYTHING = {
    "NamePrefix": "shop",
    "Architecture": "x86_64",
    "MemoryMiB": "3008",
    "MinimumPollers": "2",
    "MaximumPollers": "3",
    "UploadPrefix": "incoming/",
    "UploadCorsOrigins": "https://example.com,https://www.example.com",
    "UploadsKmsKeyArn": UPLOADS_KEY,
    "OtherPrefix": "old/",
    "FailureRecordDays": "7",
    "ResultsHaveTags": "true",
    "ResultsKmsKeyArn": RESULTS_KEY,
    "Originals": "move",
    "OriginalsBucketName": "originals",
    "CompletionBusArn": BUS,
    "CompletionTopicArn": TOPIC,
    "Distribution": "true",
    "DistributionDomainName": "img.example.com",
    "DistributionCertificateArn": (
        f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/33333333-3333-3333-3333-333333333333"
    ),
    "Endpoint": "cdn",
    "SigningKeysSecretArn": SIGNING_KEYS,
    "EndpointResultDays": "9",
    "AlarmTopicArn": ALARMS,
    "OldestMessageSeconds": "3600",
    "LogLevel": "WARN",
    "LogRetentionDays": "7",
}
