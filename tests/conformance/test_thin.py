"""thin slice"""
import time
def test_thin(server, client):
    uri = "s3://northgate/visits/jfk.flac"
    a = client.start_medical_transcription_job(MedicalTranscriptionJobName="one", LanguageCode="en-US", Media={"MediaFileUri": uri}, OutputBucketName="northgate", Specialty="PRIMARYCARE", Type="DICTATION")
    print(a)
    w = client.get_waiter("medical_transcription_job_completed")
    w.wait(MedicalTranscriptionJobName="one", WaiterConfig={"Delay": 1, "MaxAttempts": 100})
    g = client.get_medical_transcription_job(MedicalTranscriptionJobName="one")
    print(g)
    print(server.stored("medical/one.json").decode())
    print(client.list_medical_transcription_jobs())
